using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Streams;

namespace Savepoint.Testing;

/// <summary>What a <see cref="GameSimulation"/> consists of. Immutable.</summary>
public sealed record GameSimulationOptions
{
    /// <summary>The defaults.</summary>
    public static GameSimulationOptions Default { get; } = new();

    /// <summary>The kinds of entities. The default is one, <c>profile</c>.</summary>
    public IReadOnlyList<Kind> Kinds { get; init; } = [new Kind { Name = "profile" }];

    /// <summary>Decides the order of what happens at the same time, and how long frames take. The default value is 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The server's limits and intervals. The default is the engine's own, on 4 shards.</summary>
    public EngineOptions Engine { get; init; } = new() { ShardCount = 4 };

    /// <summary>The limits and times of the stream protocol.</summary>
    public StreamOptions Streams { get; init; } = new();

    /// <summary>The limits and times of clients. What a client connects to and runs on is the simulation's matter.</summary>
    public SavepointClientOptions Clients { get; init; } = new();

    /// <summary>The network. By default a dead server is noticed soon and refuses connections.</summary>
    public NetworkWeather Weather { get; init; } = new() { RefusedShare = 1, DeathToldShare = 1, PartitionBreakShare = 0 };
}
