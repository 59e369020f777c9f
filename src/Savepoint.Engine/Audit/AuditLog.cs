using System.Globalization;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Audit;

/// <summary>
/// The log of sensitive operations: entities <c>sp-audit/&lt;owner&gt;/&lt;time and number&gt;</c>, each written once. Nothing can change or remove one. It lies in the
/// shard of its owner, which is that of what the entry tells of: so both can be in one unit, and where the entry can't be written, nothing is done.
/// </summary>
public static class AuditLog
{
    /// <summary>The kind of the entries.</summary>
    public const string KindName = "sp-audit";

    private const string WriteIntent = OwnIntents.Prefix + "write";

    // An id has 256 units at most, of which the time and the number take 50.
    private const int MaxOwnerLength = 200;

    internal static Kind Kind { get; } = new()
    {
        Name = KindName,
        IsOwnedBySavepoint = true,
        IsClosed = true,
        IsErasable = false,
        Owner = OwnerOf,
        Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { [WriteIntent] = Write },
    };

    /// <summary>The mutation that writes an entry.</summary>
    /// <param name="owner">The owner of what it tells of: a user's id, or whatever names the shard of the entity.</param>
    /// <param name="at">When it happens; entries are listed in the order of these times.</param>
    /// <param name="number">Tells it from others of the same time; the same one again is refused.</param>
    /// <param name="entry">What it says.</param>
    public static Mutation Of(string owner, DateTimeOffset at, Guid number, AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var id = PrefixOf(owner) + TimeOf(at) + "-" + number.ToString("N");
        return new Mutation { Key = new EntityKey(KindName, id), Kind = MutationKind.Intent, Intent = WriteIntent, Payload = entry.ToDocument(at).ToBytes() };
    }

    /// <summary>What the ids of all entries of an owner begin with.</summary>
    public static string PrefixOf(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return (owner.Length <= MaxOwnerLength ? owner : owner[..MaxOwnerLength]) + "/";
    }

    /// <summary>What follows on the prefix in the ids of entries of a time: of a later one it is greater.</summary>
    public static string TimeOf(DateTimeOffset at) => at.UtcTicks.ToString("x16", CultureInfo.InvariantCulture);

    private static string OwnerOf(string id)
    {
        var slash = id.LastIndexOf('/');
        return slash <= 0 ? id : id[..slash];
    }

    private static string? Write(IntentContext context)
    {
        if (context.Version > 0)
            return "audit.written_already";
        foreach (var (key, value) in context.Arguments.Root)
            context.Delta.Set(Documents.Path.Root.Child(key), value);
        return null;
    }
}
