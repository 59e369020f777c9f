namespace Savepoint.Client;

/// <summary>Local changes that are saved as one unit: for one reason, or with the messages that they deal with.</summary>
internal sealed class ChangeSegment(long sequence, string reason, bool isSealed)
{
    /// <summary>Counts the segments of a session.</summary>
    public long Sequence { get; } = sequence;

    public string Reason { get; } = reason;

    /// <summary>Takes no more changes.</summary>
    public bool IsSealed { get; private set; } = isSealed;

    public DeltaWriter Delta { get; } = new();

    /// <summary>What was added to the delta, in bytes.</summary>
    public int Bytes { get; set; }

    /// <summary>The messages that these changes deal with.</summary>
    public List<ulong> Messages { get; } = [];

    /// <summary>On its way; null before, and again after a transient refusal.</summary>
    public SaveRequest? Request { get; set; }

    /// <summary>The version that it made, once that is known; 0 before.</summary>
    public long CommittedAs { get; set; }

    /// <summary>Why it was taken back; null while it was not.</summary>
    public SavepointException? Refusal { get; set; }

    /// <summary>Whether the server's document, as the client has it, contains it.</summary>
    public bool IsApplied { get; set; }

    /// <summary>Whether it could not be shown any more on top of changes from elsewhere; the server decides.</summary>
    public bool IsHidden { get; set; }

    /// <summary>Whether it changes what is at a path.</summary>
    public bool Changes(Path path)
    {
        foreach (var operation in new DeltaReader(Delta.WrittenSpan))
        {
            if (operation.Path.ToPath() == path)
                return true;
        }
        return false;
    }

    /// <summary>The delta; from now on it stays as it is.</summary>
    public ReadOnlyMemory<byte> Seal()
    {
        IsSealed = true;
        return Delta.WrittenMemory;
    }
}
