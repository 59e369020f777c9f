using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Protocol.Duplex;
using Savepoint.Storage.Sqlite;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Embedded;

/// <summary>
/// Savepoint inside the game server's own process: the engine on a SQLite file, and the SDK's clients for it, with no server and no network. What is
/// acknowledged is on disk as it is with a server: killing the process loses nothing of it. Any thread may use it.
/// </summary>
public sealed class EmbeddedSavepoint : IAsyncDisposable
{
    private const string DatabaseName = "savepoint.db";
    private const int WriterKeyBytes = 32;

    private readonly EmbeddedOptions _options;
    private readonly StateEngine _engine;
    private readonly StreamServer _streams;
    private readonly StreamMetrics _metrics = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private readonly List<SavepointClient> _clients = [];
    private readonly CancellationToken _ended;
    private volatile Task? _stopping;

    private EmbeddedSavepoint(EmbeddedOptions options, IStore store)
    {
        _options = options;
        _ended = _ending.Token;
        var kinds = new KindRegistry(options.Kinds);
        _engine = new StateEngine(store, kinds, options.Engine, options.TimeProvider, new Random()) { HoldersEndWithProcess = true };
        _streams = new StreamServer(
            _engine,
            kinds,
            new EmbeddedCredentials(),
            new KindAuthorizer(kinds),
            // Writers are clients of this process and end with it, so their key does too.
            new WriterIds(RandomNumberGenerator.GetBytes(WriterKeyBytes), RandomNumberGenerator.Fill),
            options.Streams,
            options.TimeProvider,
            _metrics,
            options.LoggerFactory?.CreateLogger<StreamServer>() ?? NullLogger<StreamServer>.Instance);
    }

    /// <summary>How many clients are to be shut down in the end.</summary>
    internal int Clients
    {
        get
        {
            lock (_gate)
                return _clients.Count;
        }
    }

    /// <summary>Opens the database, or makes it, and replays what a process before this one had no time to put in order.</summary>
    /// <param name="options">Where the database is, and what is in it; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>What clients can connect to; dispose it.</returns>
    /// <exception cref="ArgumentException">A kind is malformed, or two have one name.</exception>
    /// <exception cref="StoreException">
    /// The database can't be opened: another process has it open, or this one has already (<see cref="StoreException.IsTransient"/>); it was made for
    /// another number of shards; …
    /// </exception>
    public static Task<EmbeddedSavepoint> StartAsync(EmbeddedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedOptions();
        var path = Path.Combine(options.DataPath, DatabaseName);
        return StartAsync(options, new SqliteStore(new SqliteStoreOptions { Path = path }), cancellationToken);
    }

    internal static async Task<EmbeddedSavepoint> StartAsync(EmbeddedOptions options, IStore store, CancellationToken cancellationToken)
    {
        var savepoint = new EmbeddedSavepoint(options, store);
        try
        {
            // The engine stays where it was started: on the thread pool, and not on the game's main thread.
            await Task.Run(() => savepoint._engine.StartAsync(cancellationToken), cancellationToken);
            return savepoint;
        }
        catch
        {
            await store.DisposeAsync();
            await savepoint._engine.DisposeAsync();
            savepoint._metrics.Dispose();
            throw;
        }
    }

    /// <summary>A moment's view of what the engine holds and does; <see cref="EngineSnapshot.StoreFailure"/> says why saves fail, while they do.</summary>
    /// <returns>The view.</returns>
    public EngineSnapshot Snapshot() => _engine.Snapshot();

    /// <summary>Connects a game server's client. One is enough for a process; it need not be disposed of before this.</summary>
    /// <param name="name">Its name: others see it as the holder of its sessions, and the history as who made a change.</param>
    /// <param name="options">Its limits and times, and where its events arrive; null for <see cref="EmbeddedOptions.Clients"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The client.</returns>
    /// <exception cref="ObjectDisposedException">It is stopping.</exception>
    public Task<SavepointClient> ConnectAsync(string name, SavepointClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return ConnectAsync(EmbeddedCredentials.GameServer(name), options, cancellationToken);
    }

    /// <summary>Connects a client that may do what a player may: read and watch what is its own.</summary>
    /// <param name="userId">The player.</param>
    /// <param name="options">Its limits and times, and where its events arrive; null for <see cref="EmbeddedOptions.Clients"/>.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The client; dispose it when the player leaves.</returns>
    /// <exception cref="ObjectDisposedException">It is stopping.</exception>
    public Task<SavepointClient> ConnectPlayerAsync(string userId, SavepointClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return ConnectAsync(EmbeddedCredentials.Player(userId), options, cancellationToken);
    }

    /// <summary>
    /// Ends in good order: 1. all clients shut down, each of their sessions with its final save; 2. the engine commits what is queued, checkpoints
    /// everything and closes the file. Where the disk fails, the first takes up to <see cref="SavepointClientOptions.FinalSaveTimeout"/>, and sessions that
    /// were not saved say so by <see cref="Profile.SessionEnded"/>.
    /// </summary>
    /// <returns>When the file is closed.</returns>
    public Task StopAsync()
    {
        lock (_gate)
            return _stopping ??= Task.Run(EndAsync);
    }

    /// <summary>As <see cref="StopAsync"/>.</summary>
    /// <returns>When the file is closed.</returns>
    public ValueTask DisposeAsync() => new(StopAsync());

    private async Task<SavepointClient> ConnectAsync(Credentials credentials, SavepointClientOptions? options, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopping is not null, this);
        var client = await ConnectedAsync((options ?? _options.Clients) with { Endpoint = null, Endpoints = [], ConnectTo = null, Connect = ConnectAsync, Credentials = credentials }, cancellationToken);
        lock (_gate)
        {
            _clients.RemoveAll(static other => other.IsClosing);
            if (_stopping is null)
            {
                _clients.Add(client);
                return client;
            }
        }

        await client.DisposeAsync();
        throw new ObjectDisposedException(nameof(EmbeddedSavepoint));
    }

    /// <summary>An attempt that the stop has overtaken ends with it.</summary>
    private async Task<SavepointClient> ConnectedAsync(SavepointClientOptions options, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ended);
        try
        {
            return await SavepointClient.ConnectAsync(options, either.Token);
        }
        catch (Exception failure) when (_stopping is not null && !cancellationToken.IsCancellationRequested && failure is SavepointException or OperationCanceledException)
        {
            throw new ObjectDisposedException(nameof(EmbeddedSavepoint), failure);
        }
    }

    private Task<IFrameDuplex> ConnectAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_ended.IsCancellationRequested, this);
        var (client, server) = InProcessDuplex.CreatePair();
        // Not on the synchronization context of the client, which may be the game's main thread.
        _ = Task.Run(() => _streams.RunAsync(server, _ended), CancellationToken.None);
        return Task.FromResult<IFrameDuplex>(client);
    }

    private async Task EndAsync()
    {
        SavepointClient[] clients;
        lock (_gate)
            clients = [.. _clients];
        try
        {
            await Task.WhenAll(clients.Select(static client => client.ShutdownAsync()));
            await _streams.DrainAsync(CancellationToken.None);
        }
        finally
        {
            // Whatever a game's own code has thrown meanwhile: the file is closed.
            await CloseAsync();
        }
    }

    private async Task CloseAsync()
    {
        await _ending.CancelAsync();
        try
        {
            await _engine.DisposeAsync();
        }
        finally
        {
            _metrics.Dispose();
            _ending.Dispose();
        }
    }
}
