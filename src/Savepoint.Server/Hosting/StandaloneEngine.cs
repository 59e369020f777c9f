using Savepoint.Engine;

namespace Savepoint.Server.Hosting;

/// <summary>The only server of its database: it owns all shards from the start to the end.</summary>
internal sealed class StandaloneEngine(StateEngine engine) : IEngineLifetime
{
    public Task Broken { get; } = new TaskCompletionSource().Task;

    public Task StartAsync(CancellationToken cancellationToken) => engine.StartAsync(cancellationToken);

    public Task LeaveAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync() => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => engine.StopAsync(cancellationToken);
}
