using Microsoft.Extensions.Logging;
using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Streams;

namespace Savepoint.Embedded;

/// <summary>What an <see cref="EmbeddedSavepoint"/> consists of. Immutable.</summary>
public sealed record EmbeddedOptions
{
    /// <summary>
    /// The folder of the database, which is made when it is not there. A server that is given the same folder, and the same number of shards, goes on with
    /// what is in it. The default value is <c>data</c>.
    /// </summary>
    public string DataPath { get; init; } = "data";

    /// <summary>The kinds of entities. The default is one, <c>profile</c>.</summary>
    public IReadOnlyList<Kind> Kinds { get; init; } = [new Kind { Name = "profile" }];

    /// <summary>The limits and intervals of the engine.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>The limits and times of what stands between the clients and the engine.</summary>
    public StreamOptions Streams { get; init; } = new();

    /// <summary>The limits and times of clients that are connected without options of their own. What a client connects to, and as whom, is set for it.</summary>
    public SavepointClientOptions Clients { get; init; } = new();

    /// <summary>The clock of the engine. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where what goes wrong with a connection is logged; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
