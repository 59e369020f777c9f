using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

// Faults, by order and by the weather.
public sealed partial class SimulatedNetwork
{
    private readonly SortedDictionary<string, int> _faults = new(StringComparer.Ordinal);
    private readonly List<NetworkPartition> _partitions = [];

    /// <summary>How often each kind of fault has happened so far, by name.</summary>
    public IReadOnlyDictionary<string, int> Faults
    {
        get
        {
            lock (Gate)
                return new SortedDictionary<string, int>(_faults, StringComparer.Ordinal);
        }
    }

    /// <summary>Breaks one connection.</summary>
    /// <param name="connection">Either end of it.</param>
    public void Break(IFrameDuplex connection)
    {
        lock (Gate)
            Break(Find(connection));
    }

    /// <summary>Breaks connections, chosen by chance.</summary>
    /// <param name="share">How many of them, from 0 to 1.</param>
    public void BreakSome(double share) => ForSome(share, Break);

    /// <summary>Breaks all connections of a process.</summary>
    public void BreakAllOf(SimulatedProcess process) => ForSome(1, connection =>
    {
        if (connection.IsOf(process))
            Break(connection);
    });

    /// <summary>Makes a connection half-open: frames vanish from now on, and nobody is told.</summary>
    /// <param name="connection">Either end of it.</param>
    /// <param name="direction">Which frames.</param>
    public void Blackhole(IFrameDuplex connection, LostDirection direction = LostDirection.Both)
    {
        lock (Gate)
            Blackhole(Find(connection), direction);
    }

    /// <summary>Makes connections half-open, chosen by chance, in one direction or both.</summary>
    /// <param name="share">How many of them, from 0 to 1.</param>
    public void BlackholeSome(double share) => ForSome(share, connection => Blackhole(connection, (LostDirection)_random.Next(1, 4)));

    /// <summary>Cuts a process off from all others for a time. Its connections wait, or break.</summary>
    public void Partition(SimulatedProcess process, TimeSpan duration) => Cut(new NetworkPartition(process, null), duration);

    /// <summary>Cuts two processes off from each other for a time. Their connections wait, or break.</summary>
    public void Partition(SimulatedProcess one, SimulatedProcess other, TimeSpan duration) => Cut(new NetworkPartition(one, other), duration);

    /// <summary>Ends all partitions.</summary>
    public void Heal()
    {
        lock (Gate)
        {
            _partitions.Clear();
            FreezeWhatIsCut();
        }
    }

    internal bool IsCut(SimulatedProcess from, SimulatedProcess to)
    {
        foreach (var partition in _partitions)
        {
            if (partition.Cuts(from, to))
                return true;
        }

        return false;
    }

    internal void Break(NetworkConnection connection)
    {
        if (connection.IsBroken)
            return;
        Count("break");
        connection.Break();
    }

    /// <summary>Whether the weather breaks a connection at this frame.</summary>
    internal bool IsStruck() => Weather.BreakShare > 0 && _random.NextDouble() < Weather.BreakShare;

    internal bool IsRefused()
    {
        var isRefused = _random.NextDouble() < Weather.RefusedShare;
        Count(isRefused ? "connect refused" : "connect hangs");
        return isRefused;
    }

    internal DeathNotice ChooseNotice()
    {
        var chance = _random.NextDouble();
        var notice = chance < Weather.DeathToldShare ? DeathNotice.Soon
            : chance < Weather.DeathToldShare + Weather.DeathOnSendShare ? DeathNotice.OnSend
            : DeathNotice.Never;
        Count(notice switch { DeathNotice.Soon => "death told", DeathNotice.OnSend => "death told on send", _ => "death untold" });
        return notice;
    }

    private static NetworkConnection Find(IFrameDuplex duplex) =>
        (duplex as ConnectionEnd)?.Outgoing.Connection ?? throw new ArgumentException("It is none of a simulated network.", nameof(duplex));

    private void Blackhole(NetworkConnection connection, LostDirection direction)
    {
        Count("blackhole");
        connection.Lose(direction);
    }

    private void Cut(NetworkPartition partition, TimeSpan duration)
    {
        lock (Gate)
        {
            Count("partition");
            _partitions.Add(partition);
            FreezeWhatIsCut();
            foreach (var connection in _connections)
            {
                if (partition.Cuts(connection.Client.Process, connection.Server.Process) && _random.NextDouble() < Weather.PartitionBreakShare)
                    _world.After(duration * _random.NextDouble(), () => Locked(() => Break(connection)));
            }
        }

        _world.After(duration, () => Locked(() =>
        {
            if (_partitions.Remove(partition))
                FreezeWhatIsCut();
        }));
    }

    private void FreezeWhatIsCut()
    {
        foreach (var connection in _connections)
            connection.Freeze(IsCut(connection.Client.Process, connection.Server.Process));
    }

    private void ForSome(double share, Action<NetworkConnection> fault)
    {
        lock (Gate)
        {
            Forget();
            foreach (var connection in _connections)
            {
                if (share >= 1 || _random.NextDouble() < share)
                    fault(connection);
            }
        }
    }

    private void OnDeath(SimulatedProcess process)
    {
        lock (Gate)
        {
            _known.Remove(process);
            foreach (var connection in _connections)
            {
                if (connection.Client.Process == process)
                    connection.OnDeath(connection.Client);
                else if (connection.Server.Process == process)
                    connection.OnDeath(connection.Server);
            }
        }
    }

    private void Count(string fault) => _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
}

/// <summary>How one end learns of the death of the other.</summary>
internal enum DeathNotice
{
    Soon,
    OnSend,
    Never,
}
