using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Storage.Postgres;
using Savepoint.Streams;

namespace Savepoint.Server.Hosting;

/// <summary>How far the engine is.</summary>
internal enum EngineState
{
    Starting,
    Ready,
    Stopping,
    Failed,
}

/// <summary>
/// Brings the engine up beside the web server, so that health can be asked during a long recovery, and takes it down in order: what others can go on with is
/// handed over and clients drain while everything still works, then the web server stops, then the engine commits what is queued.
/// </summary>
internal sealed class EngineHost(
    StateEngine engine, IEngineLifetime parts, ShardDatabases databases, StreamServer streams, IHostApplicationLifetime lifetime, ILogger<EngineHost> logger)
    : IHostedLifecycleService, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _cancelStart = new();
    private Task _starting = Task.CompletedTask;
    private EngineState _state;
    private bool _wasReady;

    public EngineState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>What made the start fail; null when it has not.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Ends when the engine is up, or will not be: <see cref="State"/> says which.</summary>
    public Task Starting => _starting;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Ready turns red with the signal, before anything else happens.
        lifetime.ApplicationStopping.Register(() => TryEnter(EngineState.Stopping));
        _starting = BringUpAsync();
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        TryEnter(EngineState.Stopping);
        await _cancelStart.CancelAsync();
        await _starting;
        if (!_wasReady)
            return;
        await parts.LeaveAsync(cancellationToken);
        await streams.DrainAsync(cancellationToken);
        await parts.DisconnectAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_wasReady)
            return;
        HostLog.Stopping(logger);
        await parts.StopAsync(cancellationToken);
        HostLog.Stopped(logger);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _cancelStart.Dispose();

    private async Task BringUpAsync()
    {
        try
        {
            HostLog.Starting(logger);

            // Whatever of it does not wait must not hold up the web server either.
            await Task.Yield();
            await parts.StartAsync(_cancelStart.Token);
            _wasReady = true;
            foreach (var warning in databases.Select(database => (database.Store as PostgresStore)?.DurabilityWarning).OfType<string>().Distinct())
                HostLog.NotDurable(logger, warning);
            if (TryEnter(EngineState.Ready))
                HostLog.Ready(logger, engine.DatabaseId, engine.Snapshot().FailedShards.Count);
            _ = WatchAsync();
        }
        catch (OperationCanceledException) when (_cancelStart.IsCancellationRequested)
        {
            // Stopped before it was up.
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await parts.Broken;
        }
        catch (Exception exception)
        {
            HostLog.Broken(logger, exception.Message);
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        Failure = exception;
        TryEnter(EngineState.Failed);

        // A stop in the middle of the web server's own start would end in an error of its own.
        lifetime.ApplicationStarted.Register(lifetime.StopApplication);
    }

    /// <summary>States only go forward.</summary>
    private bool TryEnter(EngineState state)
    {
        lock (_gate)
        {
            if (state <= _state)
                return false;
            _state = state;
            return true;
        }
    }
}
