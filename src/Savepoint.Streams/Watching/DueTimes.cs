using Savepoint.Streams.Connections;

namespace Savepoint.Streams.Watching;

/// <summary>When what was gathered is to be sent, and when refused watches are to try again: one timer for all watches of a connection. Under its gate.</summary>
internal sealed class DueTimes(StreamConnection connection)
{
    private readonly PriorityQueue<(ClientWatch Watch, bool IsRejoin), long> _due = new();
    private ITimer? _timer;
    private bool _isStopped;

    private TimeProvider Time => connection.Services.Time;

    public void Add(ClientWatch watch, bool isRejoin, TimeSpan delay)
    {
        if (_isStopped)
            return;
        var at = Time.GetTimestamp() + (long)(delay.TotalSeconds * Time.TimestampFrequency);
        var isFirst = !_due.TryPeek(out _, out var first) || at < first;
        _due.Enqueue((watch, isRejoin), at);
        if (isFirst)
            Arm(delay);
    }

    public void Stop()
    {
        _isStopped = true;
        _due.Clear();
        _timer?.Dispose();
    }

    private void Arm(TimeSpan delay)
    {
        _timer ??= Time.CreateTimer(static state => ((DueTimes)state!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private void Run()
    {
        lock (connection.Outbox.Gate)
        {
            if (_isStopped)
                return;
            var now = Time.GetTimestamp();
            while (_due.TryPeek(out var due, out var at) && at <= now)
            {
                _due.Dequeue();
                if (due.IsRejoin)
                    Rejoin(due.Watch);
                else
                    due.Watch.Flush();
            }

            if (_due.TryPeek(out _, out var next))
                Arm(TimeSpan.FromSeconds(Math.Max(0, (double)(next - now) / Time.TimestampFrequency)));
        }
    }

    private void Rejoin(ClientWatch watch)
    {
        if (!watch.IsEnded)
            connection.Watches.Rejoin(watch);
    }
}
