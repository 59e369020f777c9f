namespace Savepoint.Client;

/// <summary>Why a session ended.</summary>
public enum SessionEndReason : byte
{
    /// <summary>It was ended here, and everything is saved.</summary>
    Ended = 1,

    /// <summary>Another server took it; what was not saved is lost.</summary>
    Stolen = 2,

    /// <summary>The client was without its connection for longer than the session's lease.</summary>
    LeaseExpired = 3,

    /// <summary>The profile was removed.</summary>
    Removed = 4,

    /// <summary>The server serves another database now, such as a restored backup.</summary>
    DatabaseChanged = 5,

    /// <summary>The final save could not be made in time, or the client was closed before it.</summary>
    GivenUp = 6,
}

/// <summary>A session is over: the profile takes no more changes.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Holder">Who holds the session now, if another does and that is known.</param>
/// <param name="HadUnsavedChanges">Whether changes were lost with it.</param>
public sealed record SessionEndedInfo(SessionEndReason Reason, string? Holder, bool HadUnsavedChanges);

/// <summary>Why a session is saved for the last time.</summary>
public enum LastSaveReason : byte
{
    /// <summary><see cref="Profile.EndSessionAsync"/> was called.</summary>
    Manual = 0,

    /// <summary>Another server wants the session.</summary>
    External = 1,

    /// <summary>The client shuts down.</summary>
    Shutdown = 2,
}

/// <summary>Changes were refused, and taken back here.</summary>
/// <param name="Reason">The reason that the changes carried; empty for none.</param>
/// <param name="Paths">What they touched.</param>
/// <param name="Error">Why. If its <see cref="SavepointException.Outcome"/> is unknown, they may show again as a change from the server.</param>
public sealed record ChangeRefusal(string Reason, IReadOnlyList<Path> Paths, SavepointException Error)
{
    internal static ChangeRefusal Of(ChangeSegment segment, SavepointException error)
    {
        var paths = new List<Path>();
        foreach (var operation in new DeltaReader(segment.Delta.WrittenSpan))
            paths.Add(operation.Path.ToPath());
        return new ChangeRefusal(segment.Reason, paths, error);
    }
}

/// <summary>A message to a profile.</summary>
/// <param name="Id">Its number; grows with each message of the profile.</param>
/// <param name="Body">What was sent.</param>
/// <param name="Sender">Who sent it.</param>
/// <param name="SentAt">When the server accepted it.</param>
public sealed record ProfileMessage(long Id, Document Body, string Sender, DateTimeOffset SentAt);
