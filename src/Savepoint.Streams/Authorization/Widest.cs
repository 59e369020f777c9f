using Savepoint.Documents;

namespace Savepoint.Streams.Authorization;

/// <summary>Limits for what the engine has checked, or will check, against those of its kind.</summary>
internal static class Widest
{
    public static DocumentLimits Limits => DocumentLimits.Widest;
}
