using Savepoint.Documents;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Units;

namespace Savepoint.Engine;

/// <summary>What the engine's parts share.</summary>
internal sealed class EngineContext
{
    private long _coarseNow;

    public EngineContext(ShardDatabases databases, KindRegistry kinds, EngineOptions options, TimeProvider time, Random random, bool hasPublisher)
    {
        (Kinds, Options, Time, Random, HasPublisher) = (kinds, options, time, random, hasPublisher);
        Lease = new Lease(time);
        KeyComparer = new EntityKeyComparer((uint)random.NextInt64());
        Layout = databases.Layout;
        Databases = [.. databases.Select((database, index) => new Database(this, index, database, databases.Count == 1))];
        Shards = new Shard[options.ShardCount];
        Refresh();
        foreach (var database in Databases)
        {
            database.StoredUpTo = Now;
            for (var i = database.Range.First; i <= database.Range.Last; i++)
                Shards[i] = new Shard(i, this, database, new Lock());
        }
    }

    /// <summary>All databases, in order of their shards.</summary>
    public Database[] Databases { get; }

    /// <summary>The ranges of all databases, as each of them keeps them.</summary>
    public string Layout { get; }

    public KindRegistry Kinds { get; }

    public EngineOptions Options { get; }

    public TimeProvider Time { get; }

    /// <summary>Used by one flow at a time only: guarded by its own lock.</summary>
    public Random Random { get; }

    /// <summary>Whether committed changes are published.</summary>
    public bool HasPublisher { get; }

    public EntityKeyComparer KeyComparer { get; }

    /// <summary>The present ownership of each shard. Who has looked one up before taking its gate may find it closed, and another in its place.</summary>
    public Shard[] Shards { get; }

    public EngineCounters Counters { get; } = new();

    /// <summary>Until when requests may be taken and commits started.</summary>
    public Lease Lease { get; }

    /// <summary>Whether requests are taken.</summary>
    public bool IsServing { get; set; }

    /// <summary>Since when requests are taken, in ticks of the engine's clock: holders of sessions from before have the lease from then on.</summary>
    public long ServingSince { get; set; }

    /// <summary>The first thing that went wrong and never should; null when all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>Ticks of the engine's clock, 100 ns, as of the last <see cref="Refresh"/>: for what needs no more than a rough time.</summary>
    public long CoarseNow => Volatile.Read(ref _coarseNow);

    /// <summary>Ticks of the engine's clock, 100 ns, which goes on evenly whatever happens to the time of day.</summary>
    public long Now => Time.GetElapsedTime(0).Ticks;

    public void Refresh() => Volatile.Write(ref _coarseNow, Now);

    public void Report(Exception fault) => Fault ??= fault.ToString();

    /// <summary>Does again what had to wait, once it need not any more. Under no lock.</summary>
    public Action<object> Resume { get; set; } = _ => { };

    /// <summary>Migrates what comes into memory, and runs hooks on it.</summary>
    public EntityPreparer Preparer { get; set; } = null!;

    /// <summary>Tells one that has to wait that it waits in vain. Under no lock.</summary>
    public Action<object, Refusal> Refuse { get; set; } = (_, _) => { };

    /// <summary>Whether requests for a shard are taken here, as far as one can tell without its lock.</summary>
    public bool IsServed(int shard) => Shards[shard].Service.Phase == ShardPhase.Served;

    /// <summary>Whether one commit can cover both shards, as far as one can tell without their locks: both are served here, from the same database.</summary>
    public bool CommitTogether(int one, int other) => Shards[one].Database == Shards[other].Database && IsServed(one) && IsServed(other);

    /// <summary>Why nothing is done in a shard now; null when it is served. Under its lock.</summary>
    public Refusal? ServingRefusal(Shard shard) => IsServing ? shard.Service.Refusal ?? Lease.Refusal : new Refusal(RefusalCode.ShuttingDown);

    /// <summary>Lets someone wait for an entity that a unit over several nodes or databases holds. Under the shard's lock.</summary>
    /// <returns>Why it can't wait; null when it does.</returns>
    public Refusal? WaitForHeld(Shard shard, in EntityKey key, object waiter, bool isWaitingAlready = false)
    {
        if (!isWaitingAlready && shard.Database.Counters.WaitingForLoad >= Options.MaxWaitingForLoad)
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
    public Shard Renew(Shard before, ShardService service) =>
        Shards[before.Index] = new Shard(before.Index, this, before.Database, before.Gate) { Service = service };

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
