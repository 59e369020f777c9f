namespace Savepoint.Testing;

/// <summary>What a store is asked to do.</summary>
public enum StoreOperation
{
    /// <summary>Open the database.</summary>
    Open,

    /// <summary>Say whether it answers and can be written to.</summary>
    Check,

    /// <summary>Append segments to journals.</summary>
    Append,

    /// <summary>Read a journal: its tail, a run of segments, one segment, or the statistics.</summary>
    ReadJournal,

    /// <summary>Trim a journal.</summary>
    TrimJournal,

    /// <summary>Read entities.</summary>
    ReadEntities,

    /// <summary>Write a checkpoint.</summary>
    WriteCheckpoint,

    /// <summary>Read a snapshot.</summary>
    ReadSnapshot,

    /// <summary>Trim the snapshots.</summary>
    TrimSnapshots,

    /// <summary>Flag an entity as unreadable.</summary>
    Quarantine,

    /// <summary>Read the state of a shard.</summary>
    ReadShard,

    /// <summary>Raise the epoch of a shard.</summary>
    ClaimShard,

    /// <summary>Add or remove a dead letter.</summary>
    WriteDeadLetter,

    /// <summary>List the dead letters.</summary>
    ReadDeadLetters,

    /// <summary>Read the economy ledger.</summary>
    ReadLedger,

    /// <summary>Trim the economy ledger.</summary>
    TrimLedger,
}
