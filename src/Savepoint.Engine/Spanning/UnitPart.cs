using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// The mutations of a unit that are in one shard, on their way to be prepared. It is carried out like a unit of its own, but for the end: what it would do
/// is kept, and not done.
/// </summary>
/// <param name="id">The attempt at the unit; another for each attempt.</param>
/// <param name="homeShard">The shard whose journal decides.</param>
/// <param name="indexes">Which mutation of the whole unit each of these is.</param>
internal sealed class UnitPart(Guid id, int homeShard, int[] indexes) : Unit
{
    private readonly TaskCompletionSource<Refusal?> _prepared = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Id => id;

    public int HomeShard => homeShard;

    public int[] Indexes => indexes;

    /// <summary>Whether its prepare is journaled: not where the decision will be in the same commit as what it does.</summary>
    public bool IsJournaled { get; init; } = true;

    /// <summary>Why it can't be prepared, as the whole unit's mutations are counted; null when it is.</summary>
    public Task<Refusal?> Prepared => _prepared.Task;

    /// <summary>Makes the part of a unit in one shard. It keeps nothing that is the caller's.</summary>
    public static UnitPart Of(Unit unit, Guid id, int homeShard, int[] indexes, bool isJournaled) => new(id, homeShard, indexes)
    {
        IsJournaled = isJournaled,
        Mutations = Array.ConvertAll(indexes, index => Copy(unit.Mutations[index])),
        Writer = unit.Writer,
        Request = unit.Request,
        Actor = unit.Actor,
        Reason = unit.Reason,
        CorrelationId = unit.CorrelationId,
    };

    /// <summary>The version at which a mutation ends the session of its entity, which another before it may have changed.</summary>
    /// <param name="index">The mutation.</param>
    /// <param name="version">That of the entity, before the part.</param>
    public long EndVersion(int index, long version)
    {
        for (var i = 0; i < index; i++)
        {
            if (Mutations[i].Key == Mutations[index].Key && Mutations[i].Kind != MutationKind.Message)
                return version + 1;
        }

        return version;
    }

    internal override int IndexOf(int mutation) => indexes[mutation];

    protected internal override void Completed(Refusal? refusal) =>
        _prepared.TrySetResult(refusal is null || refusal.Mutation >= indexes.Length ? refusal : refusal with { Mutation = indexes[refusal.Mutation] });

    private static Mutation Copy(in Mutation mutation) => mutation with
    {
        Payload = mutation.Payload.ToArray(),
        Template = mutation.Template.ToArray(),
        ProcessedMessages = mutation.ProcessedMessages?.ToArray(),
        Old = null,
    };
}
