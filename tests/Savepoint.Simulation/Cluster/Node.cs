using Savepoint.Cluster;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Engine.Watching;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A server process, with the production engine and stream server in it.</summary>
internal sealed class Node
{
    /// <summary>What the names of nodes begin with; a number follows.</summary>
    public const string NamePrefix = "node-";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly SimulatedServer _server;
    private readonly History _history;
    private readonly StopLimits _limits;

    private readonly Membership? _membership;
    private ClusterMember? _member;

    /// <summary>Starts a server.</summary>
    /// <param name="process">Where it runs.</param>
    /// <param name="server">What it runs.</param>
    /// <param name="history">Is told of it.</param>
    /// <param name="limits">What it may need to stop in good order.</param>
    /// <param name="membership">The cluster that it joins, to be one of several that share the shards; null for one that takes all.</param>
    /// <param name="self">What it is there; null outside of a cluster.</param>
    public Node(SimulatedProcess process, SimulatedServer server, History history, StopLimits limits, Membership? membership, ClusterNode? self)
    {
        (Process, _server, _history, _limits, _membership, Self) = (process, server, history, limits, membership, self);
        process.Start(RunAsync);
    }

    public SimulatedProcess Process { get; }

    /// <summary>What it is in its cluster; null outside of one.</summary>
    public ClusterNode? Self { get; }

    public StateEngine Engine => _server.Engine;

    /// <summary>Where SDK clients connect to.</summary>
    public SimulatedListener Listener => _server.Listener;

    public string Name => Process.Name;

    /// <summary>Whether it has come up.</summary>
    public bool IsServing { get; private set; }

    public void Note(string what) => _history.Note(Name, what);

    /// <summary>Stops it in good order, as SIGTERM does; what takes too long is killed.</summary>
    public void Stop()
    {
        _history.Note(Name, "is stopped");
        Process.Start(async () =>
        {
            using var limit = new CancellationTokenSource(_limits.Most, Process.Time);
            var (isQuiet, seen, disturbances) = (IsQuiet, ReadNow(), _limits.Disturbances());
            try
            {
                if (_member is not null)
                    await _member.LeaveAsync(limit.Token);
                await _server.StopAsync(limit.Token);
                if (isQuiet && disturbances == _limits.Disturbances())
                    _history.Stopped(Name, seen);
            }
            catch (OperationCanceledException)
            {
                _history.Note(Name, "took too long to stop");
            }

            Process.Crash();
        });
    }

    /// <summary>Whether nothing is on its way to the database that could still go wrong because of what happened before.</summary>
    private bool IsQuiet => IsServing && Engine.Snapshot() is { QueuedUnits: 0, QueuedBytes: 0, StoreFailure: null, FailedShards.Count: 0 };

    /// <summary>What can be read at once: nothing else has changes that are not journaled.</summary>
    private List<EntitySnapshot> ReadNow()
    {
        var answered = new List<EntitySnapshot>();
        for (var i = 0; i < DeferredWorkload.Bodies; i++)
        {
            Engine.Read(new RawReading(_history, Name, read =>
            {
                lock (answered)
                {
                    if (read.Refusal is null)
                        answered.Add(read.Snapshot);
                }
            }) { Key = GameKinds.Body(i) });
        }

        lock (answered)
            return [.. answered];
    }

    /// <summary>A process whose place another one has taken ends.</summary>
    private async Task WatchMembershipAsync()
    {
        try
        {
            await _member!.Ended;
        }
        catch (JoinRefusedException)
        {
            Note("was displaced");
            Process.Crash();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            await (_membership is null ? _server.StartAsync() : _server.StartWithoutShardsAsync());
            if (_membership is not null)
                _member = await _membership.JoinAsync(Self!, Process, Engine, Note);
        }
        catch (Exception failure) when (failure is StoreException or JournalConflictException or JoinRefusedException)
        {
            _history.Note(Name, $"can't start: {failure.Message}");
            Process.Crash();
            return;
        }

        IsServing = true;
        Note("serves");
        if (_member is not null)
            Process.Start(WatchMembershipAsync);
        while (true)
        {
            await Task.Delay(LookEvery, Process.Time);
            _history.LookAt(Name, Engine.Snapshot());
        }
    }
}

/// <summary>What a node may need to stop in good order.</summary>
/// <param name="Most">How long it may take.</param>
/// <param name="Disturbances">Counts what can keep it from doing so: faults of the database, and nodes that take over.</param>
internal sealed record StopLimits(TimeSpan Most, Func<int> Disturbances);
