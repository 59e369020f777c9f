using System.Text;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Recovery;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Reading;

/// <summary>
/// Reads one page of an entity's versions. Back-pointers lead from newer to older records only, so a page begins at the nearest whole copy at or above it,
/// which names its record. Where the journal ends, whole copies are listed one by one.
/// </summary>
internal sealed class VersionPageReader
{
    // Sessions and messages make records and no versions: a page that passes over more than this ends early, and says where to go on.
    private const int MaxRecords = 10_000;

    private readonly IStore _store;
    private readonly int _shard;
    private readonly VersionListing _wanted;
    private readonly SeenEntity _present;
    private readonly EntityChain _chain;
    private readonly List<FoundVersion> _page = [];
    private WholeVersions _whole = null!;

    public VersionPageReader(IStore store, int shard, VersionListing wanted, SeenEntity present)
    {
        (_store, _shard, _wanted, _present) = (store, shard, wanted, present);
        _chain = new EntityChain(store, shard, wanted.Key);
    }

    private long Lowest => Math.Max(Math.Max(_wanted.FromVersion, 1), _present.ErasedVersion);

    private long Highest => _wanted.ToVersion == 0 ? _present.Version : Math.Min(_wanted.ToVersion, _present.Version);

    private bool IsFull => _page.Count == _wanted.Limit;

    public async Task<VersionPage> ReadAsync()
    {
        var row = await _store.ReadEntityAsync(_shard, _wanted.Key, CancellationToken.None);
        _whole = new WholeVersions(_store, _shard, _wanted.Key, _present, row);
        var next = _wanted.IsOldestFirst ? await ForwardsAsync() : await BackwardsAsync();
        if (!_wanted.IsOldestFirst)
            _page.Reverse();
        var versions = await new Readability(_store, _shard, _chain, _whole).JudgeAsync(_page);
        if (!_wanted.IsOldestFirst)
            versions.Reverse();
        return new VersionPage(versions, next);
    }

    private async ValueTask<VersionPosition?> BackwardsAsync()
    {
        var highest = _wanted.Position.Version == 0 ? Highest : Math.Min(_wanted.Position.Version, Highest);
        var sequence = _wanted.Position.Sequence;
        if (sequence > _present.Sequence || !await _chain.MoveToAsync(sequence))
        {
            var start = await _whole.AtOrAboveAsync(highest);
            if (_wanted.Until is { } until && await _whole.FirstSinceAsync(until) is { } first && first.Version < start.Version)
                (start, highest) = (first, Math.Min(first.Version, highest));
            sequence = start.Sequence;
        }

        for (var visited = 0; await _chain.MoveToAsync(sequence);)
        {
            if (IsFull || ++visited > MaxRecords)
                return new VersionPosition(highest, sequence);
            var record = _chain.Current;
            if (MakesVersion(record) && record.Version <= highest)
            {
                if (IsBelow(record.Version, TimeOf(record)))
                    return null;
                if (!IsPast(TimeOf(record)))
                    _page.Add(Describe(record));
                highest = record.Version - 1;
            }

            sequence = record.PreviousSequence;
            if (sequence == 0 || highest < Lowest)
                return null;
        }

        return await CopiesBackwardsAsync(highest);
    }

    private async ValueTask<VersionPosition?> CopiesBackwardsAsync(long highest)
    {
        while (await _whole.AtOrBelowAsync(highest) is { } copy && !IsBelow(copy.Version, copy.At))
        {
            if (IsFull)
                return new VersionPosition(highest, 0);
            if (!IsPast(copy.At))
                _page.Add(Describe(copy));
            highest = copy.Version - 1;
        }

        return null;
    }

    private async ValueTask<VersionPosition?> ForwardsAsync()
    {
        var lowest = Math.Max(_wanted.Position.Version, Lowest);
        if (_wanted is { From: { } from, Position.Version: 0 } && await _whole.FirstSinceAsync(from) is { } first
            && await _whole.AtOrBelowAsync(first.Version - 1) is { } before)
            lowest = Math.Max(lowest, before.Version + 1);
        while (lowest <= Highest)
        {
            if (IsFull)
                return new VersionPosition(lowest, 0);
            var copy = await _whole.AtOrAboveAsync(lowest);
            var run = await RunAsync(lowest, copy, _wanted.Limit - _page.Count);
            foreach (var found in run)
            {
                if (IsPast(found.Info.At))
                    return null;
                _page.Add(found);
            }

            lowest = (run is [.., var last] ? last.Info.Version : copy.Version) + 1;
        }

        return null;
    }

    /// <summary>The oldest of the versions from one up to a whole copy, oldest first; the copy alone where no record is left.</summary>
    private async ValueTask<List<FoundVersion>> RunAsync(long lowest, WholeVersion copy, int room)
    {
        var run = new Queue<FoundVersion>();
        for (var sequence = copy.Sequence; await _chain.MoveToAsync(sequence);)
        {
            var record = _chain.Current;
            if (MakesVersion(record) && record.Version <= Highest)
            {
                if (record.Version < lowest || IsBelow(record.Version, TimeOf(record)))
                    return OldestFirst(run);
                run.Enqueue(Describe(record));
                if (run.Count > room)
                    run.Dequeue();
            }

            sequence = record.PreviousSequence;
            if (sequence == 0)
                return OldestFirst(run);
        }

        if (run.Count == 0 && copy.Version <= Highest && !IsBelow(copy.Version, copy.At))
            run.Enqueue(Describe(copy));
        return OldestFirst(run);
    }

    private bool IsBelow(long version, DateTimeOffset at) => version < Lowest || at < _wanted.From;

    private bool IsPast(DateTimeOffset at) => at >= _wanted.Until;

    private static List<FoundVersion> OldestFirst(Queue<FoundVersion> newestFirst)
    {
        var run = new List<FoundVersion>(newestFirst);
        run.Reverse();
        return run;
    }

    private static bool MakesVersion(in RecordView record) => record.Type is RecordType.Changed or RecordType.Removed or RecordType.Erased or RecordType.Repaired;

    private static DateTimeOffset TimeOf(in RecordView record) => new(record.AtTicks, TimeSpan.Zero);

    private static FoundVersion Describe(WholeVersion copy) => new(new VersionInfo(copy.Version, copy.At) { IsRemoval = !copy.Exists }, 0);

    private static FoundVersion Describe(in RecordView record)
    {
        var info = new VersionInfo(record.Version, TimeOf(record))
        {
            HasRecord = true,
            IsRemoval = record.Type is RecordType.Removed or RecordType.Erased || (record.Type == RecordType.Repaired && RepairRecord.IsRemoval(record.Payload)),
            Actor = Text(record.Actor),
            Reason = Text(record.Reason),
            CorrelationId = Text(record.CorrelationId),
            EventType = Text(record.EventType),
            DeltaBytes = record.Payload.Length,
        };
        return new FoundVersion(info, record.PreviousSequence);
    }

    private static string? Text(ReadOnlySpan<byte> utf8) => utf8.IsEmpty ? null : Encoding.UTF8.GetString(utf8);
}
