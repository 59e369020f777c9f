using Savepoint.Engine.Storage;

namespace Savepoint.Simulation;

/// <summary>I1 and I7: a trimmed journal keeps its newest segment, and all that is not checkpointed or not published.</summary>
/// <param name="storeOf">Sees what the database of a shard holds; answers at once.</param>
/// <param name="shards">How many shards there are.</param>
internal sealed class TrimChecker(Func<int, IStore> storeOf, int shards) : Checker
{
    private readonly Dictionary<int, long> _tails = [];

    public override void OnAppended(string process, IReadOnlyList<JournalSegment> segments)
    {
        foreach (var segment in segments)
            _tails[segment.Shard] = segment.LastSequence;
    }

    public override void OnTrimmed(string process)
    {
        for (var shard = 0; shard < shards; shard++)
        {
            if (!_tails.TryGetValue(shard, out var newest))
                continue;
            var tail = Now(storeOf(shard).ReadTailAsync(shard, CancellationToken.None));
            Require(tail?.LastSequence == newest, "I1", $"{process} trimmed the newest segment of shard {shard}");
            var state = Now(storeOf(shard).ReadShardAsync(shard, CancellationToken.None));
            var needed = Math.Min(state.CheckpointSequence, state.PublishedSequence) + 1;
            if (needed <= newest)
                Require(Now(storeOf(shard).ReadContainingAsync(shard, needed, CancellationToken.None)) is not null, "I7", $"{process} trimmed {needed} of shard {shard}, which is not checkpointed or not published");
        }
    }

    private static T Now<T>(ValueTask<T> task) => task.GetAwaiter().GetResult();
}
