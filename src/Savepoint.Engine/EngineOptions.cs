namespace Savepoint.Engine;

/// <summary>The engine's limits and intervals. What waits for a database, and what lies in its journal, is limited for each, where there are several.</summary>
public sealed record EngineOptions
{
    /// <summary>The number of shards; fixed when the database is made. The default value is 64.</summary>
    public int ShardCount { get; init; } = 64;

    /// <summary>How often changed documents are checkpointed. The default value is 1 second.</summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most that the save interval stretches to under pressure. The default value is 30 seconds.</summary>
    public TimeSpan MaxSaveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many journaled records may wait for their checkpoint before checkpoints go first. The default value is 700,000, about 2 seconds of replay.</summary>
    public long MaxUncheckpointedRecords { get; init; } = 700_000;

    /// <summary>Entities written in one checkpoint transaction. The default value is 1,000.</summary>
    public int CheckpointBatchSize { get; init; } = 1_000;

    /// <summary>Tries before a document that can't be stored goes to the dead letters. The default value is 5.</summary>
    public int CheckpointAttempts { get; init; } = 5;

    /// <summary>How long an entity without session, watchers and use stays in memory. The default value is 20 seconds.</summary>
    public TimeSpan UnloadAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The most time for loading an entity. The default value is 10 seconds.</summary>
    public TimeSpan LoadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session outlives the connection of its holder. The default value is 30 seconds.</summary>
    public TimeSpan SessionLease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a writer's outcomes are remembered after its last request. The default value is 10 minutes.</summary>
    public TimeSpan WriterMemory { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The most writers remembered per shard. The default value is 65,536.</summary>
    public int MaxWritersPerShard { get; init; } = 65_536;

    /// <summary>The most outcomes remembered per writer and shard. The default value is 8,192.</summary>
    public int MaxOutcomesPerWriter { get; init; } = 8_192;

    /// <summary>The most bytes of records that may wait for a commit; beyond it changes are refused as Overloaded. The default value is 64 MiB.</summary>
    public long MaxQueuedBytes { get; init; } = 64L << 20;

    /// <summary>The most units that may wait for a commit. The default value is 262,144.</summary>
    public int MaxQueuedUnits { get; init; } = 262_144;

    /// <summary>The most entities in memory; beyond it, what is not in memory is refused as Overloaded. The default value is 10,000,000.</summary>
    public int MaxResidentEntities { get; init; } = 10_000_000;

    /// <summary>The most requests that may wait for entities to be loaded. The default value is 65,536.</summary>
    public int MaxWaitingForLoad { get; init; } = 65_536;

    /// <summary>The most mutations in one unit. The default value is 64.</summary>
    public int MaxMutationsPerUnit { get; init; } = 64;

    /// <summary>The most bytes of one mutation's payload. The default value is 1 MiB.</summary>
    public int MaxMutationBytes { get; init; } = 1 << 20;

    /// <summary>
    /// The most paths and reasons that a shard's part of the economy ledger tells apart on one day; the rest is summed in a row of its own for each kind. The
    /// default value is 500.
    /// </summary>
    public int MaxLedgerRows { get; init; } = 500;

    /// <summary>How long the economy ledger is kept. The default value is 400 days.</summary>
    public TimeSpan LedgerRetention { get; init; } = TimeSpan.FromDays(400);

    /// <summary>The most unprocessed messages of an entity. The default value is 1,000.</summary>
    public int MaxMessages { get; init; } = 1_000;

    /// <summary>The most waiters for one session. The default value is 64.</summary>
    public int MaxSessionWaiters { get; init; } = 64;

    /// <summary>How long a failing commit is tried again before its callers are told that the store is unavailable. The default value is 2 seconds.</summary>
    public TimeSpan CommitRetry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long each half of a shard's hand-over may take, the one while it is served and the one while it is not: where the store fails, it ends then, and
    /// the next owner reads from the journal what was not checkpointed. The default value is 3 seconds.
    /// </summary>
    public TimeSpan ReleaseLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a request waits for an entity that a unit over several nodes or databases holds; then it is refused as <see cref="Units.RefusalCode.Busy"/>. The
    /// default value is 2 seconds.
    /// </summary>
    public TimeSpan HoldWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the owner of a shard may take to answer a step of a unit over several nodes. The default value is 3 seconds.</summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a unit over several nodes or databases is tried again for reasons that can pass, before its caller is told. The default value is 10 seconds.</summary>
    public TimeSpan UnitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a prepared part of a unit waits for the decision before its shard asks, and a decision for the answers before it is told again. The default
    /// value is 5 seconds.
    /// </summary>
    public TimeSpan InDoubtAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most prepared parts of units in a shard. The default value is 4,096.</summary>
    public int MaxPreparesPerShard { get; init; } = 4_096;

    /// <summary>The most units over several nodes or databases that are not decided yet, or whose decision a shard still keeps. The default value is 16,384.</summary>
    public int MaxUnitsUnderWay { get; init; } = 16_384;

    /// <summary>The longest pause between tries to publish while the broker, or the journal that is read for it, is away (S5). The default value is 30 seconds.</summary>
    public TimeSpan MaxPublishBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of recent deltas kept per watched entity, for watchers that reconnect. The default value is 8 KiB.</summary>
    public int RecentDeltaBytes { get; init; } = 8 << 10;

    /// <summary>A whole copy of an entity is kept every so many versions, so that old versions are quick to read. The default value is 100.</summary>
    public int SnapshotEvery { get; init; } = 100;

    /// <summary>
    /// How long any version can be read back after the next one took its place. The journal is kept an eighth longer, and of each entity a whole
    /// copy for each tenth of this time in which it changes. The default value is 7 days.
    /// </summary>
    public TimeSpan JournalRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How large the journal may grow before its oldest part goes, where it is checkpointed and published, and with it versions that are younger
    /// than <see cref="JournalRetention"/>. The default value is 20 GB.
    /// </summary>
    public long JournalRetentionBytes { get; init; } = 20_000_000_000;

    /// <summary>How long whole copies are kept; never less long than the journal. The default value is 30 days.</summary>
    public TimeSpan SnapshotRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most journal bytes, unpublished ones included; beyond it, changes are refused (I9). The default value is 40 GB.</summary>
    public long MaxJournalBytes { get; init; } = 40_000_000_000;
}
