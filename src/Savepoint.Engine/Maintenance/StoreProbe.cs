using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Maintenance;

/// <summary>
/// While the store is said to fail, tries every second whether it still does. Without it a server that a balancer took out of service, and that
/// therefore has nothing to commit, would never find out that the store is back.
/// </summary>
internal sealed class StoreProbe(EngineContext context, Database database)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Interval, context.Time, stopping);
                if (database.StoreFailure is null || !database.IsOpen)
                    continue;
                await database.Store.CheckAsync(stopping);
                database.StoreFailure = null;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (StoreException failure)
            {
                database.StoreFailure = failure.Message;
            }
        }
    }
}
