using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>
/// A client's connection to one node, with all that hangs on it there. The node learns late that it is closed, or that the client has died; what of it
/// arrives later still is dropped.
/// </summary>
internal sealed class RawConnection
{
    // For loading the entity, and for what a node that stood still has to catch up with. The engine's sweeps don't go faster on real threads.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly SimulationContext _run;
    private readonly RawClient _client;
    private readonly Lock _gate = new();
    private readonly List<Watcher> _watchers = [];
    private bool _isClosed;

    public RawConnection(SimulationContext run, RawClient client, Node node)
    {
        (_run, _client, Node) = (run, client, node);
        client.Process.OnDeath(Close);
    }

    public Node Node { get; }

    /// <summary>In the node: starts a watch or opens a session.</summary>
    public void Add(Watcher watcher)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _watchers.Add(watcher);
        }

        if (watcher is RawHolder holder)
        {
            holder.Opening.Newest = holder;
            Node.Engine.OpenSession(holder);
            _ = RequireAnswerAsync(holder);
        }
        else
        {
            Node.Engine.Watch(watcher);
        }
    }

    /// <summary>In the client, or when it has died: the node hears of it after a while.</summary>
    public void Close() =>
        _run.World.After(_run.Settings.Pace.Scale(TimeSpan.FromMilliseconds(_client.Random.Next(1, 3000))), () => Node.Process.Post(End));

    /// <summary>Who waits for a session hears in time that it is not to be had, unless a commit is under way that the answer waits for.</summary>
    private async Task RequireAnswerAsync(RawHolder holder)
    {
        await Task.Delay(holder.WaitTimeout + Patience, Node.Process.Time);
        await Task.Delay(Patience, Node.Process.Time);
        lock (_gate)
        {
            if (_isClosed)
                return;
        }

        // A later copy takes the place of one that waits, and is answered instead.
        if (!holder.IsAnswered && holder.Opening.Newest == holder && Node.Engine.Snapshot() is { IsReady: true, QueuedUnits: 0 })
            _run.History.Verdict.Fail("progress", $"{Node.Name} has not answered {holder.Opening}");
    }

    private void End()
    {
        Watcher[] watchers;
        lock (_gate)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            watchers = [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            if (watcher is RawHolder holder)
                Node.Engine.Disconnect(holder);
            else
                Node.Engine.Unwatch(watcher);
            _run.History.WatchEnded(Node.Name, ((IWatch)watcher).Watch);
        }
    }
}

/// <summary>What the history knows by the number of a watch.</summary>
internal interface IWatch
{
    /// <summary>The number.</summary>
    long Watch { get; }
}
