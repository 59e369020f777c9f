using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>Decides what goes wrong, and when; counts it.</summary>
internal sealed class FaultDirector
{
    // Longer than the journal is kept where nothing holds it back.
    private const double LongSeconds = 400;

    private readonly SimulationContext _run;
    private readonly DatabaseSet _databases;
    private readonly Broker _broker;
    private readonly NetworkFaults _network;
    private readonly Random _random;
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly (string Name, int Weight, Func<Task> Happen)[] _faults;
    private bool _isMoving = true;

    public FaultDirector(SimulationContext run, Broker broker)
    {
        (_run, _databases, _broker) = (run, run.Databases, broker);
        _random = run.World.NewRandom();
        _network = new NetworkFaults(run);
        _faults =
        [
            ("node crash", 6, CrashNodeAsync),
            ("node pause", 2, () => PauseNodeAsync(isReplaced: false)),
            ("node pause and take-over", 3, () => PauseNodeAsync(isReplaced: true)),
            ("node stop", 2, StopNodeAsync),
            ("second node", 1, SecondNodeAsync),
            ("database down", 2, () => WeatherAsync(StoreWeather.Fair with { IsDown = true }, 15)),
            ("database full", 1, () => WeatherAsync(StoreWeather.Fair with { IsFull = true }, 15)),
            ("database flaky", 5, () => WeatherAsync(Flaky(), 20)),
            ("database slow", 2, () => WeatherAsync(StoreWeather.Fair with { MaxLatency = _run.Settings.Pace.Scale(TimeSpan.FromMilliseconds(400)) }, 20)),
            ("entity refused", 1, RefuseEntityAsync),
            ("wire bad", 3, WireAsync),
            ("broker away", 1, BrokerAsync),
            ("clock step", 1, ClockStepAsync),
            .. run.IsShared ? [("node cut off from the leases", 4, CutOffFromLeasesAsync)] : ((string, int, Func<Task>)[])[],
            .. _network.All,
        ];
    }

    /// <summary>What was injected so far, by kind.</summary>
    public IReadOnlyDictionary<string, int> Counts
    {
        get
        {
            var counts = new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);
            foreach (var fault in Enum.GetValues<StoreFault>())
                counts[$"store call: {fault}"] = _databases.CountOf(fault);
            counts["wire: lost"] = _run.Wire.Lost;
            counts["wire: doubled"] = _run.Wire.Doubled;
            counts["publish failed"] = _broker.Faults;
            foreach (var (fault, count) in _run.Network.Faults)
                counts[$"network: {fault}"] = count;
            return counts;
        }
    }

    /// <summary>Lets everything go wrong that is to.</summary>
    public async Task RunAsync()
    {
        var settings = _run.Settings;
        var between = settings.Duration / (settings.Faults + 1);
        var underWay = new List<Task>();
        if (_run.IsShared)
            _ = MoveShardsAsync();
        for (var i = 0; i < settings.Faults; i++)
        {
            await _run.PauseAsync(between * (0.5 + _random.NextDouble()));
            var (name, _, happen) = Choose();
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
            _run.History.Note("fault", name);
            underWay.Add(happen());
        }

        foreach (var fault in underWay)
            await fault;
    }

    /// <summary>Has shards move between nodes, in good order where nothing comes between.</summary>
    private async Task MoveShardsAsync()
    {
        while (_isMoving)
        {
            await PauseAsync(1, 20);
            _run.Cluster.MoveShard(_random);
        }
    }

    /// <summary>Ends all that is wrong.</summary>
    public void Heal()
    {
        _databases.Heal();
        (_run.Wire.Loss, _run.Wire.Doubling, _broker.Failures) = (0, 0, 0);
        _network.Heal();
        _isMoving = false;
        _run.Cluster.Size = 1;
        foreach (var node in _run.Cluster.Living)
            _run.Cluster.TroubleLeases(node, trouble: null);
        var current = _run.Cluster.Current;
        foreach (var node in _run.Cluster.Living)
        {
            node.Process.Resume();
            if (node != current)
                node.Process.Crash();
        }
    }

    private (string Name, int Weight, Func<Task> Happen) Choose()
    {
        var drawn = _random.Next(_faults.Sum(fault => fault.Weight));
        foreach (var fault in _faults)
        {
            drawn -= fault.Weight;
            if (drawn < 0)
                return fault;
        }

        throw new InvalidOperationException("The weights are wrong.");
    }

    private Task CrashNodeAsync()
    {
        var process = _run.Cluster.Pick(_random).Process;
        process.CrashAfter(_random.Next(300));
        return CrashLaterAsync(process, 5);
    }

    private async Task PauseNodeAsync(bool isReplaced)
    {
        var node = _run.Cluster.Pick(_random);
        node.Process.Pause();
        if (isReplaced)
        {
            await PauseAsync(1, 8);
            if (!_run.IsShared && _run.Cluster.Current == node)
                _run.Cluster.StartNode();
        }

        await PauseAsync(0, _random.Next(3) == 0 ? 40 : 5);
        node.Process.Resume();
        if (isReplaced && (!_run.IsShared || _random.Next(2) == 0))
            await CrashLaterAsync(node.Process, 20);
    }

    private async Task StopNodeAsync()
    {
        var node = _run.Cluster.Pick(_random);
        node.Stop();
        await PauseAsync(0, 1);
    }

    /// <summary>Somebody starts a node while another serves.</summary>
    private async Task SecondNodeAsync()
    {
        var node = _run.Cluster.Pick(_random);
        _run.Cluster.StartNode();
        await CrashLaterAsync(node.Process, 20);
    }

    private async Task WeatherAsync(StoreWeather weather, double mostSeconds)
    {
        var database = _databases.Pick(_random);
        database.Weather = weather;
        await PauseAsync(0.2, mostSeconds);
        if (database.Weather == weather)
            database.Weather = StoreWeather.Fair;
    }

    private StoreWeather Flaky() => StoreWeather.Fair with
    {
        Refused = Share(),
        AnswerLost = Share(),
        RequestLost = Share(),
        Late = Share(),
        Stalled = Share() / 2,
        MaxStall = _run.Settings.Pace.Scale(TimeSpan.FromSeconds(_random.Next(1, 15))),
    };

    private double Share() => _random.Next(3) == 0 ? 0.2 * _random.NextDouble() : 0;

    private async Task RefuseEntityAsync()
    {
        var key = _random.Next(2) == 0 ? GameKinds.Counter(_random.Next(4)) : GameKinds.Thing(_random.Next(4));
        _databases.Of(key).Refuse(key);
        await PauseAsync(1, IsLong() ? LongSeconds : 4);
        _databases.Of(key).Accept(key);
    }

    private async Task WireAsync()
    {
        (_run.Wire.Loss, _run.Wire.Doubling) = (_random.NextDouble() * 0.4, _random.NextDouble() * 0.4);
        await PauseAsync(2, 20);
        (_run.Wire.Loss, _run.Wire.Doubling) = (0, 0);
    }

    private async Task BrokerAsync()
    {
        _broker.Failures = _random.Next(2) == 0 ? 1 : 0.4;
        await PauseAsync(2, IsLong() ? LongSeconds : 20);
        _broker.Failures = 0;
    }

    /// <summary>A node renews more and more slowly, and then no more, while everybody still asks it, and the others take its shards.</summary>
    private async Task CutOffFromLeasesAsync()
    {
        var node = _run.Cluster.Pick(_random);
        _run.Cluster.TroubleLeases(node, new LeaseTrouble(IsCut: false, _run.Settings.Pace.Scale(TimeSpan.FromSeconds(1.3 * _random.NextDouble()))));
        await PauseAsync(1, 4);
        _run.Cluster.TroubleLeases(node, new LeaseTrouble(IsCut: true, TimeSpan.Zero));
        await PauseAsync(2, 12);
        _run.Cluster.TroubleLeases(node, trouble: null);
    }

    private Task ClockStepAsync()
    {
        _run.Cluster.Pick(_random).Process.Time.Step(TimeSpan.FromSeconds(_random.Next(-30, 31)));
        return Task.CompletedTask;
    }

    private bool IsLong() => _random.Next(3) == 0;

    private async Task CrashLaterAsync(SimulatedProcess process, double mostSeconds)
    {
        await PauseAsync(0, mostSeconds);
        process.Crash();
    }

    private Task PauseAsync(double leastSeconds, double mostSeconds) =>
        _run.PauseAsync(TimeSpan.FromSeconds(leastSeconds + (_random.NextDouble() * (mostSeconds - leastSeconds))));
}
