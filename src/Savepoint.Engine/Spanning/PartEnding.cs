using Savepoint.Engine.Commits;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>The wish to end a prepared part, and its answer once that is durable.</summary>
/// <param name="shard">The part's shard.</param>
/// <param name="id">The attempt.</param>
/// <param name="versions">What the part has to have prepared to be carried out; null to forget it.</param>
internal sealed class PartEnding(int shard, Guid id, long[]? versions) : Effect
{
    private readonly TaskCompletionSource<Refusal?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Shard => shard;

    public Guid Id => id;

    public long[]? Versions => versions;

    /// <summary>Null once the part has ended durably; else why that is not certain.</summary>
    public Task<Refusal?> Ended => _ended.Task;

    public override void Run() => _ended.TrySetResult(null);

    public override void Fail(Refusal refusal) => _ended.TrySetResult(refusal);
}
