namespace Savepoint.Server.Hosting;

/// <summary>How the engine comes up and goes down: alone on its database, or as a node of a cluster.</summary>
internal interface IEngineLifetime
{
    /// <summary>Ends, after the start, when the engine can't go on, with the reason; never otherwise.</summary>
    Task Broken { get; }

    /// <summary>Brings it up, until it serves requests.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Hands over what it serves, where somebody else can go on with it; clients are still served meanwhile.</summary>
    Task LeaveAsync(CancellationToken cancellationToken);

    /// <summary>Ends what still connects it to other nodes, which the web server would wait for: nobody asks through it any more.</summary>
    Task DisconnectAsync();

    /// <summary>Stores what is left, and ends it.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
