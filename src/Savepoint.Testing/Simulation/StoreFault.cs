namespace Savepoint.Testing;

/// <summary>What can go wrong with a call of a <see cref="SimulatedDatabase"/>.</summary>
public enum StoreFault
{
    /// <summary>It is refused before it has any effect, and says so.</summary>
    Refused,

    /// <summary>It takes effect, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>It never arrives; the caller can't tell that from a lost answer.</summary>
    RequestLost,

    /// <summary>Its caller is told that the connection died, and it takes effect afterwards, if it still can.</summary>
    Late,

    /// <summary>It takes far longer than usual.</summary>
    Stalled,

    /// <summary>The database is down.</summary>
    Down,

    /// <summary>The disk is full: what needs space is refused.</summary>
    Full,

    /// <summary>A checkpoint holds an entity that the database refuses.</summary>
    EntityRefused,
}
