using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;

namespace Savepoint.Testing;

/// <summary>
/// A database of a <see cref="SimulatedWorld"/>, a network away from its nodes: calls and answers take time and overtake each other, and go wrong as
/// <see cref="Weather"/> says. It outlives the processes that use it, and what a process had sent takes effect although the process has died.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="data">What it holds.</param>
public sealed class SimulatedDatabase(SimulatedWorld world, MemoryDatabase data)
{
    private readonly Lock _gate = new();
    private readonly Random _random = world.NewRandom();
    private readonly HashSet<EntityKey> _refused = [];
    private readonly int[] _faults = new int[Enum.GetValues<StoreFault>().Length];

    /// <summary>What it holds.</summary>
    public MemoryDatabase Data => data;

    /// <summary>How calls are treated from now on. The default value is <see cref="StoreWeather.Fair"/>.</summary>
    public StoreWeather Weather { get; set; } = StoreWeather.Fair;

    /// <summary>Told of each write that took effect, in the order in which they did, before its caller is.</summary>
    public Action<SimulatedProcess, StoreCall>? Written { get; set; }

    /// <summary>How many faults of a kind were injected.</summary>
    public int CountOf(StoreFault fault) => Volatile.Read(ref _faults[(int)fault]);

    /// <summary>A connection for a process: what an engine in it takes as its store.</summary>
    public IStore Connect(SimulatedProcess process) => new SimulatedStore(this, process, new MemoryStore(data));

    /// <summary>Makes every checkpoint that holds an entity fail and name it, until <see cref="Accept"/>.</summary>
    public void Refuse(EntityKey key)
    {
        lock (_gate)
            _refused.Add(key);
    }

    /// <summary>Ends <see cref="Refuse"/>.</summary>
    public void Accept(EntityKey key)
    {
        lock (_gate)
            _refused.Remove(key);
    }

    /// <summary>Held while a write takes effect and is told of.</summary>
    internal Lock WriteGate { get; } = new();

    internal void After(TimeSpan delay, Action action) => world.After(delay, action);

    /// <summary>Decides what becomes of a call.</summary>
    /// <param name="call">The call; null for one to the tables of the cluster, which writes.</param>
    internal StoreFate Decide(StoreCall? call)
    {
        lock (_gate)
        {
            var weather = Weather;
            var fault = weather.Draw(_random);
            if (fault is null && call?.Checkpoint is { } batch && FindRefused(batch) is not null)
                fault = StoreFault.EntityRefused;
            if (fault is null && weather.IsFull && (call is null || (call.IsWrite && call.Operation is not (StoreOperation.TrimJournal or StoreOperation.TrimSnapshots))))
                fault = StoreFault.Full;
            if (fault is { } injected)
                _faults[(int)injected]++;

            // A call to a database that is down may have been on its way already when its connection died.
            var isUncertain = fault == StoreFault.Down && _random.Next(4) == 0;
            return new StoreFate(fault, Delay(weather.MinLatency, weather.MaxLatency), Delay(weather.MinLatency, weather.MaxLatency), Delay(TimeSpan.Zero, weather.MaxStall))
            {
                IsUncertain = isUncertain,
            };
        }
    }

    internal EntityKey? FindRefused(CheckpointBatch batch)
    {
        lock (_gate)
        {
            foreach (var entity in batch.Entities)
            {
                if (_refused.Contains(entity.Key))
                    return entity.Key;
            }
        }

        return null;
    }

    private TimeSpan Delay(TimeSpan least, TimeSpan most) => least + ((most - least) * _random.NextDouble());
}

/// <summary>What becomes of a call.</summary>
internal readonly record struct StoreFate(StoreFault? Fault, TimeSpan ThereIn, TimeSpan BackIn, TimeSpan Stall)
{
    public bool IsUncertain { get; init; }
}
