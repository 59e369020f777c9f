using Savepoint.Engine.Units;

namespace Savepoint.Engine.Shards;

/// <summary>How a node stands to a shard.</summary>
internal enum ShardPhase
{
    /// <summary>It has nothing to do with it.</summary>
    NotOwned,

    /// <summary>It is taking the shard over: nothing is in memory yet.</summary>
    TakenOver,

    /// <summary>It takes requests.</summary>
    Served,

    /// <summary>It takes no more requests, and stores what is left for the next owner.</summary>
    HandedOver,

    /// <summary>It found out that another owner has taken the shard.</summary>
    Lost,

    /// <summary>It has the shard, but can't serve it.</summary>
    Failed,
}

/// <summary>A phase of a shard, and what requests get in it.</summary>
internal sealed class ShardService
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromMilliseconds(100);

    private ShardService(ShardPhase phase, Refusal? refusal, bool isTrouble = false) => (Phase, Refusal, IsTrouble) = (phase, refusal, isTrouble);

    public static ShardService NotOwned { get; } = new(ShardPhase.NotOwned, NotOwner("this node does not own the shard"));

    public static ShardService TakenOver { get; } = new(
        ShardPhase.TakenOver,
        new Refusal(RefusalCode.Unavailable) { Detail = "the shard is being taken over", RetryAfter = SoonAgain, ConcernsOwnership = true });

    public static ShardService Served { get; } = new(ShardPhase.Served, refusal: null);

    public static ShardService HandedOver { get; } = new(ShardPhase.HandedOver, NotOwner("the shard is being handed over"));

    public static ShardService Lost { get; } = new(ShardPhase.Lost, NotOwner("another process has taken the shard over"), isTrouble: true);

    public ShardPhase Phase { get; }

    /// <summary>What requests get; null when they are taken.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Why the shard is not served, where somebody should know.</summary>
    public string? Trouble => IsTrouble ? Refusal!.Detail : null;

    /// <summary>Whether its state is in memory, and this node goes on storing it.</summary>
    public bool IsHeld => Phase is ShardPhase.Served or ShardPhase.HandedOver;

    private bool IsTrouble { get; }

    public static ShardService Failed(string reason) =>
        new(ShardPhase.Failed, new Refusal(RefusalCode.Unavailable) { Detail = reason }, isTrouble: true);

    private static Refusal NotOwner(string detail) => new(RefusalCode.NotOwner) { Detail = detail, RetryAfter = SoonAgain };
}
