namespace Savepoint.Generators;

/// <summary>The names in the SDK that the generator looks for and writes.</summary>
internal static class KnownNames
{
    public const string Profile = "Savepoint.Client.ProfileAttribute";
    public const string ProfileSection = "Savepoint.Client.ProfileSectionAttribute";
    public const string Additive = "Savepoint.Client.AdditiveAttribute";
    public const string Property = "Savepoint.Client.PropertyAttribute";
    public const string Default = "Savepoint.Client.DefaultAttribute";
    public const string List = "Savepoint.Client.TrackedList<T>";
    public const string Map = "Savepoint.Client.TrackedMap<T>";
    public const string Value = "Savepoint.Documents.Value";
    public const string Bytes = "System.ReadOnlyMemory<byte>";
    public const string Timestamp = "System.DateTimeOffset";
}
