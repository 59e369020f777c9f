using Savepoint.Documents;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;

namespace Savepoint.Engine;

/// <summary>What the engine's parts share.</summary>
internal sealed class EngineContext
{
    private readonly AsyncSignal _committer = new();
    private long _coarseNow;

    public EngineContext(IStore store, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random)
    {
        (Store, Kinds, Options, Time, Random) = (store, kinds, options, time, random);
        Lease = new Lease(time);
        KeyComparer = new EntityKeyComparer((uint)random.NextInt64());
        Shards = new Shard[options.ShardCount];
        PendingShards = new PendingShards(options.ShardCount);
        Refresh();
        for (var i = 0; i < Shards.Length; i++)
            Shards[i] = new Shard(i, this, new Lock());
    }

    public IStore Store { get; }

    public KindRegistry Kinds { get; }

    public EngineOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Used by one flow at a time only: guarded by its own lock.</summary>
    public Random Random { get; }

    public EntityKeyComparer KeyComparer { get; }

    /// <summary>The present ownership of each shard. Who has looked one up before taking its gate may find it closed, and another in its place.</summary>
    public Shard[] Shards { get; }

    public PendingShards PendingShards { get; }

    public EngineCounters Counters { get; } = new();

    /// <summary>Until when requests may be taken and commits started.</summary>
    public Lease Lease { get; }

    public AsyncSignal CommitterSignal => _committer;

    /// <summary>Whether requests are taken.</summary>
    public bool IsServing { get; set; }

    /// <summary>Since when requests are taken, in ticks of the engine's clock: holders of sessions from before have the lease from then on.</summary>
    public long ServingSince { get; set; }

    /// <summary>Whether the journal has reached its largest size, so that changes are refused (I9).</summary>
    public bool IsJournalFull { get; set; }

    /// <summary>How many shards keep more of their journal than retention asks for, as of its last round.</summary>
    public int HeldBackShards { get; set; }

    /// <summary>Whether the last checkpoint had to leave rows that the store refuses: then no haste brings its number forward.</summary>
    public bool IsCheckpointHeldBack { get; set; }

    /// <summary>The last failure of the store, while it lasts.</summary>
    public string? StoreFailure { get; set; }

    /// <summary>The first thing that went wrong and never should; null when all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>Ticks of the engine's clock, 100 ns, as of the last <see cref="Refresh"/>: for what needs no more than a rough time.</summary>
    public long CoarseNow => Volatile.Read(ref _coarseNow);

    /// <summary>Ticks of the engine's clock, 100 ns, which goes on evenly whatever happens to the time of day.</summary>
    public long Now => Time.GetElapsedTime(0).Ticks;

    /// <summary>How many commits were given up: changes under all gates, so that who reads it under one of them can tell whether one was since.</summary>
    public long CommitsGivenUp { get; set; }

    /// <summary>Whether as much waits for its commit as may.</summary>
    /// <param name="share">How many times the limits count for the one who asks.</param>
    public bool IsQueueFull(int share) =>
        Counters.QueuedUnits >= (long)Options.MaxQueuedUnits * share || Counters.QueuedBytes >= Options.MaxQueuedBytes * share;

    public void Refresh() => Volatile.Write(ref _coarseNow, Now);

    public void Report(Exception fault) => Fault ??= fault.ToString();

    public void WakeCommitter() => _committer.Set();

    /// <summary>Does again what had to wait, once it need not any more. Under no lock.</summary>
    public Action<object> Resume { get; set; } = _ => { };

    /// <summary>Tells one that has to wait that it waits in vain. Under no lock.</summary>
    public Action<object, Refusal> Refuse { get; set; } = (_, _) => { };

    /// <summary>Whether requests for a shard are taken here, as far as one can tell without its lock.</summary>
    public bool IsServed(int shard) => Shards[shard].Service.Phase == ShardPhase.Served;

    /// <summary>Whether one commit can cover both shards, as far as one can tell without their locks: whether they are of the same domain.</summary>
    public bool CommitTogether(int one, int other) => IsServed(one) && IsServed(other);

    /// <summary>Why nothing is done in a shard now; null when it is served. Under its lock.</summary>
    public Refusal? ServingRefusal(Shard shard) => IsServing ? shard.Service.Refusal ?? Lease.Refusal : new Refusal(RefusalCode.ShuttingDown);

    /// <summary>Lets someone wait for an entity that a unit over several nodes holds. Under the shard's lock.</summary>
    /// <returns>Why it can't wait; null when it does.</returns>
    public Refusal? WaitForHeld(Shard shard, in EntityKey key, object waiter, bool isWaitingAlready = false)
    {
        if (!isWaitingAlready && Counters.WaitingForLoad >= Options.MaxWaitingForLoad)
            return new Refusal(RefusalCode.Overloaded) { Key = key, Detail = "too many wait for entities", RetryAfter = TimeSpan.FromSeconds(1) };
        shard.Units.Held.Wait(key, waiter);
        return null;
    }

    public Shard ShardOf(in EntityKey key)
    {
        Kinds.TryGet(key.Kind, out var kind);
        return ShardOf(kind!, key.Id);
    }

    public Shard ShardOf(Kind kind, string id) => Shards[ShardHash.ShardOf(kind.Owner(id), Shards.Length)];

    /// <summary>Puts a new ownership in the place of one that is over and settled. Under the shard's gate.</summary>
    public Shard Renew(Shard before, ShardService service) => Shards[before.Index] = new Shard(before.Index, this, before.Gate) { Service = service };

    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (Random)
            Random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>A time with up to half of it added or taken, so that many who wait don't come back at once.</summary>
    public TimeSpan Jitter(TimeSpan time)
    {
        lock (Random)
            return time * (0.5 + Random.NextDouble());
    }
}
