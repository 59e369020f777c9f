using Savepoint.Protocol.Duplex;

namespace Savepoint.Client;

/// <summary>What a <see cref="SavepointClient"/> needs to know. Immutable; checked when the client connects.</summary>
public sealed record SavepointClientOptions
{
    /// <summary>The server's stream: <c>ws://host:port/stream</c>, or <c>wss</c>. One of this, <see cref="Endpoints"/> and <see cref="Connect"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>
    /// The streams of several nodes of a cluster. The client connects to one that answers, beginning with any, and to another one when that is gone. The others
    /// it finds by itself (<see cref="DirectConnections"/>), so not all of them have to be named. The default is none.
    /// </summary>
    public IReadOnlyList<Uri> Endpoints { get; init; } = [];

    /// <summary>Makes a connection, for a server in the same process, a test or another transport. One of this, <see cref="Endpoint"/> and <see cref="Endpoints"/>.</summary>
    public Func<CancellationToken, Task<IFrameDuplex>>? Connect { get; init; }

    /// <summary>
    /// Makes a connection to an address: one of <see cref="Endpoint"/> and <see cref="Endpoints"/>, or that of a node of the cluster. The default is null: a
    /// WebSocket.
    /// </summary>
    public Func<Uri, CancellationToken, Task<IFrameDuplex>>? ConnectTo { get; init; }

    /// <summary>
    /// Whether a game server connects to every node of a cluster that owns something, and sends each request to the owner. Nodes that can't be reached do no
    /// harm: the others pass on what is theirs. Where all endpoints are <c>wss</c>, only nodes that are too are connected to. With <see cref="Connect"/> it
    /// needs <see cref="ConnectTo"/>. The default is true. Players have one connection.
    /// </summary>
    public bool DirectConnections { get; init; } = true;

    /// <summary>Who the client is. Needed.</summary>
    public Credentials? Credentials { get; init; }

    /// <summary>The clock of every wait and timeout. The default is the system's.</summary>
#pragma warning disable RS0030 // The defaults of what the host may pass in.
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where the jitter of reconnects comes from; used by one flow at a time. The default is seeded by the system.</summary>
    public Random Random { get; init; } = new();
#pragma warning restore RS0030

    /// <summary>
    /// Where the client runs and raises its events. The default is null: the thread pool. Pass a game's main-thread context (in Unity
    /// <c>SynchronizationContext.Current</c> during start-up) and all events arrive there, between frames.
    /// </summary>
    public SynchronizationContext? SynchronizationContext { get; init; }

    /// <summary>How long a change waits to be saved with others. The default value is 1 second, the range 50 ms to 10 minutes.</summary>
    public TimeSpan AutosaveInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Unsaved bytes of one profile that are saved at once, without waiting for the interval. The default is 64 KiB.</summary>
    public int AutosaveBytes { get; init; } = 64 << 10;

    /// <summary>Unsaved bytes that one profile may gather while the server does not answer; a change beyond is refused. The default is 8 MiB.</summary>
    public int MaxPendingBytes { get; init; } = 8 << 20;

    /// <summary>The most requests that are unanswered at once, if the server allows as many; others wait their turn. The default is 1,024, the range 1 to 65,536.</summary>
    public int Window { get; init; } = 1024;

    /// <summary>The most requests that wait for their turn or for a connection; one more is refused. The default is 65,536.</summary>
    public int MaxQueuedRequests { get; init; } = 65_536;

    /// <summary>How long one attempt to connect may take, the server's welcome included. The default value is 10 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may take from its call to its answer, reconnects included. The default value is 15 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long <see cref="Profile.SaveAsync"/> waits; the changes are saved later all the same. The default value is 30 seconds.</summary>
    public TimeSpan SaveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a final save is tried before its session is given up. The default value is 120 seconds.</summary>
    public TimeSpan FinalSaveTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>After this long without a word from the server it is asked for one; after twice as long the connection counts as broken. The default value is 10 seconds.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The wait before the first attempt to reconnect; it doubles with each that fails, and half of it is random. The default value is 200 ms.</summary>
    public TimeSpan ReconnectMinDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest wait between attempts to reconnect; keep it well below the server's session lease (30 s). The default value is 5 seconds.</summary>
    public TimeSpan ReconnectMaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest frame to receive. The default is 16 MiB.</summary>
    public int MaxFrameBytes { get; init; } = 16 << 20;

    /// <summary>What documents may hold; keep it equal to the server's. The default is <see cref="DocumentLimits.Default"/>.</summary>
    public DocumentLimits Limits { get; init; } = DocumentLimits.Default;

    /// <summary>Checks everything.</summary>
    /// <exception cref="ArgumentException">Something is missing or out of range; the message names all of it.</exception>
    public void Validate()
    {
        var errors = new OptionErrors();
        ValidateEndpoints(errors);
        errors.AddIf(Credentials is null, "Credentials are missing.");
        errors.AddIf(Credentials is GameServerCredentials { Name.Length: 0 }, "The game server's name is empty.");
        errors.Range(AutosaveInterval, TimeSpan.FromMilliseconds(50), TimeSpan.FromMinutes(10), nameof(AutosaveInterval));
        errors.Range(AutosaveBytes, 1, 1 << 20, nameof(AutosaveBytes));
        errors.Range(MaxPendingBytes, 64 << 10, 1 << 30, nameof(MaxPendingBytes));
        errors.Range(Window, 1, 65_536, nameof(Window));
        errors.Range(MaxQueuedRequests, 1, 1 << 24, nameof(MaxQueuedRequests));
        errors.Range(MaxFrameBytes, 64 << 10, 1 << 30, nameof(MaxFrameBytes));
        ValidateTimeouts(errors);
        errors.ThrowIfAny();
    }

    private void ValidateEndpoints(OptionErrors errors)
    {
        var ways = (Endpoint is null ? 0 : 1) + (Endpoints is { Count: > 0 } ? 1 : 0) + (Connect is null ? 0 : 1);
        errors.AddIf(ways != 1, "Set one of Endpoint, Endpoints and Connect.");
        errors.AddIf(Endpoint is not null && !IsStream(Endpoint), "Endpoint has to begin with ws:// or wss://.");
        errors.AddIf(Endpoints?.All(IsStream) != true, "Endpoints have to begin with ws:// or wss://.");
    }

    private static bool IsStream(Uri? endpoint) => endpoint is { IsAbsoluteUri: true, Scheme: "ws" or "wss" };

    private void ValidateTimeouts(OptionErrors errors)
    {
        var shortest = TimeSpan.FromMilliseconds(100);
        var longest = TimeSpan.FromHours(1);
        errors.Range(ConnectTimeout, shortest, longest, nameof(ConnectTimeout));
        errors.Range(RequestTimeout, shortest, longest, nameof(RequestTimeout));
        errors.Range(SaveTimeout, shortest, longest, nameof(SaveTimeout));
        errors.Range(FinalSaveTimeout, shortest, longest, nameof(FinalSaveTimeout));
        errors.Range(KeepAliveInterval, shortest, longest, nameof(KeepAliveInterval));
        errors.Range(ReconnectMaxDelay, TimeSpan.FromMilliseconds(10), longest, nameof(ReconnectMaxDelay));
        errors.Range(ReconnectMinDelay, TimeSpan.FromMilliseconds(10), ReconnectMaxDelay, nameof(ReconnectMinDelay));
    }
}
