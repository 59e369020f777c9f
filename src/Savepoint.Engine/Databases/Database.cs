using Savepoint.Engine.Commits;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Databases;

/// <summary>
/// One database, with the shards that it holds and how it fares. Each has a committer, checkpoints, retention, loads and publishing of its own, and limits of
/// its own for what waits: one that is down, slow or full makes its own shards wait, and no others.
/// </summary>
internal sealed class Database
{
    private readonly EngineContext _context;

    public Database(EngineContext context, int index, ShardDatabase database, bool isOnly)
    {
        (_context, Index, Store, Range) = (context, index, database.Store, database.Shards);
        Labels = isOnly ? [] : [new KeyValuePair<string, object?>("database", Range.ToString())];
        PendingShards = new PendingShards(Range);
        Feed = new CommittedFeed(context.HasPublisher);
        History = new VersionHistory(Store);
    }

    /// <summary>Its place among all databases.</summary>
    public int Index { get; }

    public IStore Store { get; }

    public ShardRange Range { get; }

    /// <summary>What its measurements are told apart by: nothing where there is only one.</summary>
    public KeyValuePair<string, object?>[] Labels { get; }

    /// <summary>The present ownership of each of its shards: a view.</summary>
    public ArraySegment<Shard> Shards => new(_context.Shards, Range.First, Range.Count);

    public PendingShards PendingShards { get; }

    public DatabaseCounters Counters { get; } = new();

    /// <summary>What is to be loaded of it.</summary>
    public WantedEntities Wanted { get; } = new();

    /// <summary>Reads old versions of its entities.</summary>
    public VersionHistory History { get; }

    /// <summary>What the relay is to publish of its shards.</summary>
    public CommittedFeed Feed { get; }

    public AsyncSignal CommitterSignal { get; } = new();

    /// <summary>Whether it was opened: until then nothing may be asked of it.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether its journal has reached its largest size, so that changes are refused (I9).</summary>
    public bool IsJournalFull { get; set; }

    /// <summary>How many of its shards keep more of their journal than retention asks for, as of its last round.</summary>
    public int HeldBackShards { get; set; }

    /// <summary>How many entities of its shards that are served here can't be read, as of retention's last round.</summary>
    public int QuarantinedEntities { get; set; }

    /// <summary>Whether the last checkpoint had to leave rows that the store refuses: then no haste brings its number forward.</summary>
    public bool IsCheckpointHeldBack { get; set; }

    /// <summary>When the newest checkpoint that stored everything began, in ticks of the engine's clock.</summary>
    public long StoredUpTo { get; set; }

    /// <summary>The last failure of the store, while it lasts.</summary>
    public string? StoreFailure { get; set; }

    /// <summary>How many commits were given up: changes under the gates of all its shards, so that who reads it under one of them can tell whether one was since.</summary>
    public long CommitsGivenUp { get; set; }

    /// <summary>Whether as much waits for its commit as may.</summary>
    /// <param name="share">How many times the limits count for the one who asks.</param>
    public bool IsQueueFull(int share) =>
        Counters.QueuedUnits >= (long)_context.Options.MaxQueuedUnits * share || Counters.QueuedBytes >= _context.Options.MaxQueuedBytes * share;

    public void WakeCommitter() => CommitterSignal.Set();
}
