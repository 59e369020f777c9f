namespace Savepoint.Generators;

internal static class Placeholder;
