using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>What the parts of a run share.</summary>
internal sealed class SimulationContext(SimulatedWorld world, SimulationSettings settings, History history)
{
    private readonly Lock _gate = new();
    private readonly Random _random = world.NewRandom();
    private int _operations;

    public SimulatedWorld World => world;

    public SimulationSettings Settings => settings;

    public History History => history;

    public required Cluster Cluster { get; init; }

    /// <summary>Whether several nodes share the shards.</summary>
    public required bool IsShared { get; init; }

    public required DatabaseSet Databases { get; init; }

    public required Wire Wire { get; init; }

    /// <summary>What SDK clients connect through.</summary>
    public required SimulatedNetwork Network { get; init; }

    /// <summary>The game servers and players among the processes.</summary>
    public ClientProcesses ClientProcesses { get; } = new();

    /// <summary>How much was asked for so far.</summary>
    public int Operations => Volatile.Read(ref _operations);

    /// <summary>Whether workloads are to begin anything new.</summary>
    public bool GoesOn { get; private set; } = true;

    /// <summary>Whether those who only watch are to go on: until nothing changes any more, and they have had the time to get all of it.</summary>
    public bool IsWatched { get; private set; } = true;

    public void OnOperation() => Interlocked.Increment(ref _operations);

    public void EndWorkloads() => GoesOn = false;

    public void EndWatches() => IsWatched = false;

    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate)
            _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>Waits by the world's clock.</summary>
    public Task PauseAsync(TimeSpan time) => Task.Delay(settings.Pace.Scale(time), world.Time);

    /// <summary>Lets a client wait before it begins something new, for as long as makes the run as large as it is to be.</summary>
    public Task ThinkAsync(RawClient client) =>
        Task.Delay(settings.Pace.Scale(client.Random.NextDouble() * 2 * settings.Think), client.Process.Time);

    /// <summary>Lets a client wait for a random time, by its own clock.</summary>
    public Task PauseAsync(RawClient client, int leastMs, int mostMs) =>
        Task.Delay(settings.Pace.Scale(TimeSpan.FromMilliseconds(client.Random.Next(leastMs, mostMs + 1))), client.Process.Time);

    /// <summary>Gives an answer up after a random time.</summary>
    public void GiveUpAfter<T>(RawClient client, Answer<T> answer, TimeSpan least = default)
        where T : class =>
        world.After(settings.Pace.Scale(least + TimeSpan.FromMilliseconds(client.Random.Next(500, 8000))), () => client.Process.Post(answer.GiveUp));
}
