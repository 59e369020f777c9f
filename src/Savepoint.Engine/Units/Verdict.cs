namespace Savepoint.Engine.Units;

/// <summary>How far a unit has come once the locks of its shards are released.</summary>
internal enum Verdict
{
    /// <summary>The answer looks at nothing that is not durable: give it at once.</summary>
    AnswerNow,

    /// <summary>It goes out with the next commit.</summary>
    Queued,

    /// <summary>It waits for entities.</summary>
    Parked,

    /// <summary>It is answered by the flow that goes on with it.</summary>
    Spans,

    /// <summary>It waits for an old version, which is still to be asked for.</summary>
    NeedsOldVersion,
}
