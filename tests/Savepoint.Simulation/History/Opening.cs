using Savepoint.Engine;
using Savepoint.Engine.Sessions;

namespace Savepoint.Simulation;

/// <summary>A client's wish for a session, or for going on with one: one wish, however often it is sent.</summary>
internal sealed class Opening
{
    public required EntityKey Key { get; init; }

    public required Guid Writer { get; init; }

    /// <summary>Its number; 0 for one that resumes.</summary>
    public required long Request { get; init; }

    public required SessionConflictPolicy Policy { get; init; }

    /// <summary>The session to go on with; 0 for a new one.</summary>
    public long Resume { get; init; }

    /// <summary>The number of commits before it was sent first.</summary>
    public int SentAfter { get; internal set; }

    /// <summary>When it was sent first.</summary>
    public DateTimeOffset SentAt { get; internal set; }

    /// <summary>The copy of it that has arrived last.</summary>
    public RawHolder? Newest { get; set; }

    public override string ToString() => $"{Writer.ToString()[..8]}/{Request} ({(Resume > 0 ? $"resume session {Resume}" : $"open a session, or {Policy},")} of {Key})";
}
