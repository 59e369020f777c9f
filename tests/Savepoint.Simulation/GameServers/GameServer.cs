using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Watching;
using Savepoint.Protocol;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A process of a game server: the production SDK, and heroes that come and go. It ends with the run, or crashes before.</summary>
internal sealed class GameServer
{
    private const int VisitsAtOnce = 2;

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    private readonly SimulationContext _run;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly HashSet<EntityKey> _here = [];
    private SavepointClient _client = null!;
    private Store<Hero> _heroes = null!;

    public GameServer(SimulationContext run, ChangeBook book, string name, Random random)
    {
        (_run, Book, _random) = (run, book, random);
        Process = run.World.NewProcess(name, isOrdered: random.Next(2) == 0);
    }

    public ChangeBook Book { get; }

    public SimulatedProcess Process { get; }

    /// <summary>Lives until the run ends or the process dies.</summary>
    public Task LiveAsync() => InProcessAsync(async () =>
    {
        var visits = new List<Task>();
        for (var i = 0; i < VisitsAtOnce; i++)
            visits.Add(VisitAsync());
        foreach (var visit in visits)
            await visit;
    });

    /// <summary>Lets each hero in once more, when all others are through, so that no message is left.</summary>
    public Task CloseAsync() => InProcessAsync(async () =>
    {
        foreach (var key in Enumerable.Range(0, GameKinds.Heroes).Select(GameKinds.Hero))
        {
            HeroVisit? visit;
            while ((visit = await EnterAsync(key, SessionOptions.Default)) is null)
                await PauseAsync(1000);
            visit.FindSilver(1);
            await visit.EndAsync();
        }
    });

    /// <summary>Waits for a random time, by its own clock.</summary>
    public Task PauseAsync(int mostMs) => Task.Delay(_run.Settings.Pace.Scale(TimeSpan.FromMilliseconds(_random.Next(mostMs))), Process.Time);

    public void Note(string what) => _run.History.Note(Process.Name, what);

    /// <summary>Tells the history what it was shown.</summary>
    public void Show(EntityKey key, long version, Document document) =>
        _run.History.Shown(Process.Name, new EntitySnapshot { Key = key, Version = version, Document = document.ToBytes() }, asked: 0);

    /// <summary>Enters a session in the book, which looks it up in the ledger: nothing may be committed meanwhile.</summary>
    public void Enter(EntityKey key, long session) => _run.History.Look(_ => Book.Open(key, session));

    /// <summary>Finds fault with a version that it was told of before it was committed.</summary>
    public void RequireCommitted(EntityKey key, long version)
    {
        var committed = _run.History.Look(ledger => ledger.Find(key)?.Version ?? 0);
        if (committed < version)
            _run.History.Verdict.Fail("I2", $"{Process.Name} was told of version {version} of {key} while {committed} was committed");
    }

    /// <summary>Takes down a failure, and finds fault with one that no outage explains.</summary>
    public void Judge(string what, SavepointException failure)
    {
        Note($"{what}: {failure.Message} ({failure.Outcome})");
        if (failure.Code is ErrorCodes.Internal or ErrorCodes.RequestReused or ErrorCodes.MalformedFrame or ErrorCodes.InvalidRequest or ErrorCodes.UnknownMessage
            or ClientErrorCodes.Protocol or ClientErrorCodes.DatabaseChanged)
            _run.History.Verdict.Fail("fault", $"{Process.Name}, {what}: {failure}");
    }

    private Task InProcessAsync(Func<Task> play)
    {
        Process.OnDeath(() => Note("is gone"));
        return _run.ClientProcesses.RunAsync(Process, async () =>
        {
            await ConnectAsync();
            await play();
            await _client.ShutdownAsync();
        });
    }

    private async Task ConnectAsync()
    {
        while (true)
        {
            try
            {
                _client = await SimulatedClient.ConnectAsync(
                    Process, _run.Network, () => _run.Cluster.Choose(_random).Listener, SimulatedClient.GameServer(Process.Name), _run.World.NewRandom());
                break;
            }
            catch (SavepointException failure)
            {
                Judge("connect", failure);
                await PauseAsync(2000);
            }
        }

        _client.HandlerFailed += failure => _run.History.Verdict.Fail("fault", $"{Process.Name}: {failure}");
        _client.ConnectionChanged += change => Note(change.IsConnected ? "is connected" : $"is disconnected: {change.Cause?.Message}");
        _heroes = _client.Store<Hero>("hero");
    }

    private async Task VisitAsync()
    {
        var game = new Game(_run, this, _client, _random);
        while (_run.GoesOn)
        {
            await PauseAsync(8000);
            var key = GameKinds.Hero(_random.Next(GameKinds.Heroes));
            if (!Reserve(key))
                continue;
            if (await EnterAsync(key, Options()) is { } visit)
                await game.PlayAsync(visit);
            Free(key);
        }
    }

    private bool Reserve(EntityKey key)
    {
        lock (_gate)
            return _here.Add(key);
    }

    private void Free(EntityKey key)
    {
        lock (_gate)
            _here.Remove(key);
    }

    private SessionOptions Options() => new()
    {
        Conflict = _random.Next(8) switch { 0 => SessionConflict.Steal, 1 => SessionConflict.Fail, _ => SessionConflict.Wait },
        WaitTimeout = Wait,
        HandOver = _random.Next(4) == 0 ? _ => _random.Next(2) == 0 : null,
    };

    private async Task<HeroVisit?> EnterAsync(EntityKey key, SessionOptions options)
    {
        _run.OnOperation();
        try
        {
            if (await _heroes.OpenSessionAsync(key.Id, options) is SessionOpenResult<Hero>.Acquired { Profile: var profile })
            {
                Note($"has session {profile.SessionNumber} of {key}");
                return new HeroVisit(this, key, profile);
            }
        }
        catch (SavepointException failure)
        {
            Judge($"open {key}", failure);
        }

        return null;
    }
}
