using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>
/// Goes on with jobs, on every node: whoever comes second to a job finds that out by its first unit, and leaves it alone for a while, so that it is taken up again when
/// the first one is gone.
/// </summary>
internal sealed partial class BulkRunner(BulkEdits edits, TimeProvider time, ILogger<BulkRunner> logger) : BackgroundService
{
    private const int MaxJobs = 4;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaveAloneFor = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, long> _leftAt = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _woken = new(0, 1);

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        edits.Woken = Wake;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
                await Task.WhenAny(_woken.WaitAsync(stoppingToken), Task.Delay(LookEvery, time, stoppingToken));
            }
            catch (RefusedException refused)
            {
                CouldNotLook(logger, refused.Message);
                await Task.Delay(LookEvery, time, stoppingToken);
            }
        }
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        foreach (var id in _running.Where(job => job.Value.IsCompleted).Select(job => job.Key).ToArray())
            _running.Remove(id);
        foreach (var (id, state) in await edits.ListAsync(stoppingToken))
        {
            var isLeft = _leftAt.TryGetValue(id, out var at) && time.GetElapsedTime(at) < LeaveAloneFor;
            if (state == BulkState.Running && !isLeft && !_running.ContainsKey(id) && _running.Count < MaxJobs)
                _running.Add(id, GoOnAsync(id, stoppingToken));
        }
    }

    private async Task GoOnAsync(string id, CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            if (!await edits.GoOnAsync(id, stoppingToken))
                _leftAt[id] = time.GetTimestamp();
            Wake();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start, or another node, goes on.
        }
#pragma warning disable CA1031 // Whatever stops a job, the others go on, and it is tried again.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Stopped(logger, id, failure.Message);
        }
    }

    private void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is woken already.
        }
        catch (ObjectDisposedException)
        {
            // The server is gone.
        }
    }

    [LoggerMessage(410, LogLevel.Warning, "Bulk edits could not be looked for: {Failure}")]
    private static partial void CouldNotLook(ILogger logger, string failure);

    [LoggerMessage(411, LogLevel.Warning, "The bulk edit {Id} was stopped, and is tried again: {Failure}")]
    private static partial void Stopped(ILogger logger, string id, string failure);
}
