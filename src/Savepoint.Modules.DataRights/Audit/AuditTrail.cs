using System.Globalization;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights;

/// <summary>A run of entries of the audit log.</summary>
/// <param name="Entries">The entries: of one owner in the order of their times, else by shard and owner first. There may be none although there is a next page.</param>
/// <param name="Next">Where the next page begins; null when this is the last.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? Next);

/// <summary>What is looked for in the audit log.</summary>
/// <param name="Owner">The owner of what the entries tell of, such as a user's id; null for all.</param>
/// <param name="From">Entries from this time on; null for all.</param>
/// <param name="Until">Entries before this time; null for all.</param>
public sealed record AuditQuery(string? Owner = null, DateTimeOffset? From = null, DateTimeOffset? Until = null)
{
    /// <summary>The most entries of a page, 1 to 1000. The default value is 100.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Where to go on, as the page before said; null begins.</summary>
    public string? Position { get; init; }
}

/// <summary>Writes and reads the audit log.</summary>
public sealed class AuditTrail
{
    // One page looks at no more rows than that.
    private const int MaxRows = 10_000;

    private readonly EngineAccess _access;

    internal AuditTrail(EngineAccess access) => _access = access;

    /// <summary>The mutation that writes an entry, for the unit of what it tells of.</summary>
    /// <param name="owner">The owner of what it tells of.</param>
    /// <param name="entry">What it says.</param>
    public Mutation Write(string owner, AuditEntry entry) => AuditLog.Of(owner, _access.Now, Guid.NewGuid(), entry);

    /// <summary>Reads a page.</summary>
    /// <exception cref="ArgumentException">The position is none.</exception>
    /// <exception cref="RefusedException">It can't be read.</exception>
    public async Task<AuditPage> ReadAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var prefix = query.Owner is null ? null : AuditLog.PrefixOf(query.Owner);
        var (shard, after) = query.Position is null ? Begin(prefix, query.From) : Parse(query.Position);
        var entries = new List<AuditEntry>();
        for (var rows = 0; ;)
        {
            var page = await _access.ScanAsync(
                shard, new EntityKey(AuditLog.KindName, after), query.Limit - entries.Count, withDocuments: true, withRemoved: false, cancellationToken);
            rows += page.Entities.Count + 1;
            foreach (var entity in page.Entities)
            {
                var id = entity.Key.Id;
                if (prefix is not null && (!id.StartsWith(prefix, StringComparison.Ordinal) || IsPast(id, query.Until)))
                    return new AuditPage(entries, null);
                if (entity.Document is { } document && !IsPast(id, query.Until) && !IsBefore(id, query.From))
                    entries.Add(AuditEntry.From(UserEntities.Decode(document.ToArray())));
            }

            if (page.Next is null && (prefix is not null || shard + 1 == _access.ShardCount))
                return new AuditPage(entries, null);
            (shard, after) = page.Next is null ? (shard + 1, "") : (shard, page.Next);
            if (entries.Count == query.Limit || rows >= MaxRows)
                return new AuditPage(entries, string.Create(CultureInfo.InvariantCulture, $"{shard}:{after}"));
        }
    }

    private (int Shard, string After) Begin(string? prefix, DateTimeOffset? from) => prefix is null
        ? (0, "")
        : (_access.ShardOf(new EntityKey(AuditLog.KindName, prefix)), from is { } time ? prefix + AuditLog.TimeOf(time) : prefix);

    private (int Shard, string After) Parse(string position)
    {
        var colon = position.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && int.TryParse(position.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var shard) && shard < _access.ShardCount
            ? (shard, position[(colon + 1)..])
            : throw new ArgumentException("The position is none of an audit page.");
    }

    private static bool IsPast(string id, DateTimeOffset? until) => until is { } time && string.CompareOrdinal(TimeIn(id), AuditLog.TimeOf(time)) >= 0;

    private static bool IsBefore(string id, DateTimeOffset? from) => from is { } time && string.CompareOrdinal(TimeIn(id), AuditLog.TimeOf(time)) < 0;

    /// <summary>The time that an id begins with behind its owner, and what follows on it.</summary>
    private static string TimeIn(string id) => id[(id.LastIndexOf('/') + 1)..];
}
