using Savepoint.Engine.Storage;

namespace Savepoint.Simulation;

/// <summary>I1: one shard's journal has no gaps, its epochs only grow, and each belongs to one process.</summary>
internal sealed class JournalChecker : Checker
{
    private readonly Dictionary<int, (long LastSequence, long Epoch)> _tails = [];
    private readonly Dictionary<(int Shard, long Epoch), string> _owners = [];

    public override void OnAppended(string process, IReadOnlyList<JournalSegment> segments)
    {
        foreach (var segment in segments)
        {
            var (last, epoch) = _tails.GetValueOrDefault(segment.Shard);
            Require(segment.FirstSequence == last + 1, "I1", $"shard {segment.Shard}: {segment.FirstSequence} was appended after {last}");
            Require(segment.Epoch >= epoch, "I1", $"shard {segment.Shard}: {process} appended under epoch {segment.Epoch} after epoch {epoch}");
            _owners.TryAdd((segment.Shard, segment.Epoch), process);
            var owner = _owners[(segment.Shard, segment.Epoch)];
            Require(owner == process, "I1", $"shard {segment.Shard}: {process} appended under epoch {segment.Epoch}, which is {owner}'s");
            _tails[segment.Shard] = (segment.LastSequence, segment.Epoch);
        }
    }
}
