using Savepoint.Engine;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Sessions;

namespace Savepoint.Streams.Watching;

/// <summary>All that one connection watches, sessions included. Under the connection's gate, where nothing else is said.</summary>
internal sealed class ConnectionWatches(StreamConnection connection)
{
    // Each one that joins again can bring a whole document; so many at a time keep the queue short.
    private const int MaxRejoining = 16;

    private readonly Dictionary<long, ClientWatch> _byNumber = [];
    private readonly Dictionary<EntityKey, ClientSession> _sessions = [];
    private readonly Queue<ClientWatch> _behind = new();
    private readonly Queue<ClientWatch> _ended = new();
    private readonly DueTimes _due = new(connection);
    private int _rejoining;

    public int Count => _byNumber.Count;

    public bool Contains(long number) => _byNumber.ContainsKey(number);

    public ClientWatch? Find(long number) => _byNumber.GetValueOrDefault(number);

    public ClientSession? FindSession(EntityKey key) => _sessions.GetValueOrDefault(key);

    public void Add(ClientWatch watch)
    {
        _byNumber.Add(watch.Number, watch);
        connection.Services.Metrics.WatchesChanged(1);
    }

    public void Remove(ClientWatch watch)
    {
        if (!_byNumber.Remove(watch.Number))
            return;
        connection.Services.Metrics.WatchesChanged(-1);
        if (_sessions.TryGetValue(watch.Key, out var session) && session == watch)
            _sessions.Remove(watch.Key);
    }

    public void Acquired(ClientSession session) => _sessions[session.Key] = session;

    public void FlushAfter(ClientWatch watch, TimeSpan delay) => _due.Add(watch, isRejoin: false, delay);

    public void RejoinAfter(ClientWatch watch, TimeSpan delay) => _due.Add(watch, isRejoin: true, delay);

    public void Rejoin(ClientWatch watch)
    {
        _behind.Enqueue(watch);
        connection.Outbox.Work.Set();
    }

    public void EndRejoin()
    {
        _rejoining--;
        if (_behind.Count > 0)
            connection.Outbox.Work.Set();
    }

    /// <summary>Lets go of the engine on the connection's own flow, where this one may not call it.</summary>
    public void ReleaseLater(ClientWatch watch)
    {
        _ended.Enqueue(watch);
        connection.Outbox.Work.Set();
    }

    /// <summary>Lets watches that fell behind join again, once the client has read what waited. Not under the gate; only the sender calls it.</summary>
    public void CatchUp()
    {
        while (TryTakeEnded(out var ended))
            ended.Release();
        while (TryTakeBehind(out var watch))
            watch.Join();
    }

    /// <summary>Sessions that wait for their holder. Makes a copy.</summary>
    public List<ClientSession> WaitingSessions() => [.. _byNumber.Values.OfType<ClientSession>().Where(session => !session.IsAcquired)];

    /// <summary>Ends everything and lets go of the engine. Not under the gate.</summary>
    public void ReleaseAll()
    {
        List<ClientWatch> all;
        lock (connection.Outbox.Gate)
        {
            _due.Stop();
            all = [.. _byNumber.Values];
            foreach (var watch in all)
                watch.End();
        }

        foreach (var watch in all)
            watch.Release();
    }

    private bool TryTakeEnded(out ClientWatch watch)
    {
        lock (connection.Outbox.Gate)
            return _ended.TryDequeue(out watch!);
    }

    private bool TryTakeBehind(out ClientWatch watch)
    {
        lock (connection.Outbox.Gate)
        {
            watch = null!;
            while (_rejoining < MaxRejoining && connection.Outbox.IsQuiet && _behind.TryDequeue(out watch!))
            {
                if (watch.IsEnded)
                    continue;
                _rejoining++;
                return true;
            }

            return false;
        }
    }
}
