using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>How large a run is, and what happens in it.</summary>
public sealed record SimulationSettings
{
    /// <summary>The least number of operations. The default value is 2,000.</summary>
    public int Operations { get; init; } = 2_000;

    /// <summary>How long the workloads go on at least. The default value is 5 minutes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many faults are injected: crashes, pauses, and times of bad weather. The default value is 16.</summary>
    public int Faults { get; init; } = 16;

    /// <summary>How long everything may take to come to rest once the faults have stopped. The default value is 5 minutes.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a client waits on average before it begins something new. The default value is 20 seconds.</summary>
    public TimeSpan Think { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many steps the scheduler may run before it counts as endless. The default value is 20 million, where a seed takes less than one.</summary>
    public long MaxSteps { get; init; } = 20_000_000;

    /// <summary>Whether several nodes share the shards, which SDK clients can't do with yet. The default value is null: with every other seed.</summary>
    public bool? IsShared { get; init; }

    /// <summary>Whether the shards are spread over two databases. The default value is null: with every third seed.</summary>
    public bool? IsSpread { get; init; }

    /// <summary>How fast it goes.</summary>
    public SimulationPace Pace { get; init; } = SimulationPace.Normal;

    /// <summary>Where the trace goes; null for nowhere.</summary>
    public TextWriter? Trace { get; init; }

    /// <summary>Whether the trace is hashed, to compare runs by.</summary>
    public bool HashesTrace { get; init; }

    /// <summary>A run on real threads: all times are a twentieth, and clients hardly wait, so that much happens at once.</summary>
    /// <param name="duration">How long the workloads go on, in real time; null for 10 seconds.</param>
    public static SimulationSettings OnThreads(TimeSpan? duration = null)
    {
        const int factor = 20;
        var virtualDuration = factor * (duration ?? TimeSpan.FromSeconds(10));
        return new SimulationSettings
        {
            Pace = new SimulationPace(factor),
            Duration = virtualDuration,
            Faults = (int)(virtualDuration / TimeSpan.FromSeconds(25)),
            Think = TimeSpan.FromSeconds(1),

            // The times of the SDK are those of production: two minutes.
            Rest = factor * TimeSpan.FromMinutes(2),
            IsShared = false,
        };
    }

    /// <summary>The engines' options: small limits and short times, so that everything happens often.</summary>
    public EngineOptions EngineOptions()
    {
        var options = new EngineOptions
        {
            ShardCount = 4,
            UnloadAfter = TimeSpan.FromSeconds(6),
            SessionLease = TimeSpan.FromSeconds(12),
            MaxSaveInterval = TimeSpan.FromSeconds(5),
            CheckpointBatchSize = 16,
            SnapshotEvery = 8,
            RecentDeltaBytes = 512,
            MaxQueuedUnits = 60,
            MaxMessages = 8,
            MaxResidentEntities = 300,
            MaxUncheckpointedRecords = 500,
            JournalRetention = TimeSpan.FromMinutes(3),
            SnapshotRetention = TimeSpan.FromMinutes(4),
        };
        return options with
        {
            SaveInterval = Pace.Scale(options.SaveInterval),
            MaxSaveInterval = Pace.Scale(options.MaxSaveInterval),
            UnloadAfter = Pace.Scale(options.UnloadAfter),
            SessionLease = Pace.Scale(options.SessionLease),
            LoadTimeout = Pace.Scale(options.LoadTimeout),
            CommitRetry = Pace.Scale(options.CommitRetry),
            HoldWait = Pace.Scale(options.HoldWait),
            PeerTimeout = Pace.Scale(options.PeerTimeout),
            UnitTimeout = Pace.Scale(options.UnitTimeout),
            InDoubtAfter = Pace.Scale(options.InDoubtAfter),
            ReleaseLimit = Pace.Scale(options.ReleaseLimit),
            MaxPublishBackoff = Pace.Scale(options.MaxPublishBackoff),
        };
    }
}
