namespace Savepoint.Client;

// Local changes: what is made here shows at once, and lies on top of the server's document until it is saved.
internal sealed partial class ProfileSession
{
    private const int MaxReasonLength = 64;

    private readonly LocalChanges _changes = new();
    private readonly List<ChangeSegment> _stale = [];
    private DeltaWriter? _scope;

    protected override bool HasUnacknowledged => !_changes.IsEmpty;

    protected override IEnumerable<ReadOnlyMemory<byte>> Unacknowledged
    {
        get
        {
            foreach (var segment in _changes.Segments)
            {
                segment.IsHidden = false;
                yield return segment.Delta.WrittenMemory;
            }
        }
    }

    /// <summary>Makes changes that are saved together or not at all; if the code throws, none is made.</summary>
    /// <returns>The segment that they are in; null when there are none.</returns>
    public ChangeSegment? Change(Action make, string reason, bool isSealed = false, ulong message = 0)
    {
        if (reason.Length > MaxReasonLength)
            throw new ArgumentException($"A reason has at most {MaxReasonLength} characters.", nameof(reason));
        ChangeSegment? segment = null;
        try
        {
            InScope(() => segment = ChangeInScope(make, reason, isSealed, message));
        }
        finally
        {
            RaiseEvents();
        }
        return segment;
    }

    /// <summary>The changes of a path that are not acknowledged; null when there are none.</summary>
    public ChangeSegment? FindUnacknowledged(Path path)
    {
        lock (Gate)
            return _changes.Segments.LastOrDefault(segment => segment.Changes(path));
    }

    /// <summary>Whether changes are still to be saved, or on their way.</summary>
    public bool IsUnsaved(ChangeSegment segment)
    {
        lock (Gate)
            return segment.CommittedAs == 0 && _changes.Segments.Contains(segment);
    }

    /// <summary>Whether the server's document, as far as it is known here, has something at a path.</summary>
    public bool IsConfirmed(Path path)
    {
        lock (Gate)
            return Replica.Confirmed.TryGet(path, out _);
    }

    protected override void Apply(DeltaWriter delta)
    {
        if (!IsActive)
            throw LostException();
        if (_isEnding)
            throw new SavepointException(ClientErrorCodes.ReadOnly, "The session is ending.") { Kind = Kind, Id = Id };
        var bytes = delta.WrittenMemory;
        if (_changes.Bytes + bytes.Length > Core.Options.MaxPendingBytes)
            throw new SavepointException(ClientErrorCodes.QueueFull, "Too many changes are not saved yet.") { IsTransient = true, Kind = Kind, Id = Id };
        var observer = Observer();
        var error = Replica.TryApplyShown(bytes.Span, Core.Options.Limits, observer, ChangeOrigin.Local);
        if (error != DocumentError.None)
            throw new DocumentException(error, Delta.PathOf(bytes.Span, 0));
        AddChanges(observer);
        if (_scope is not null)
            _scope.Append(bytes.Span);
        else
            Keep(bytes.Span, "", isSealed: false, message: 0);
    }

    protected override void OnNoLongerApplies(int index, DocumentError error)
    {
        var segment = _changes.Segments[index];
        segment.IsHidden = true;
        // One that is on its way or committed is the server's to judge.
        if (segment.Request is not null || segment.CommittedAs > 0)
            return;
        var paths = Delta.PathOf(segment.Delta.WrittenSpan, 0);
        var refusal = new SavepointException(error.Code(), "Changes from elsewhere left no room for this one.") { Kind = Kind, Id = Id, Path = paths?.ToString() };
        _stale.Add(segment);
        Refuse(segment, refusal);
    }

    protected override void AfterShow()
    {
        foreach (var segment in _stale)
            _changes.Remove(segment);
        _stale.Clear();
    }

    private ChangeSegment? ChangeInScope(Action make, string reason, bool isSealed, ulong message)
    {
        // Within another change it is a part of that one.
        if (_scope is not null)
        {
            make();
            return null;
        }
        var scope = _scope = new DeltaWriter();
        try
        {
            make();
        }
        catch
        {
            _scope = null;
            if (!scope.IsEmpty)
                Show(Replica.Shown, ChangeOrigin.Local);
            throw;
        }
        _scope = null;
        return scope.IsEmpty && message == 0 ? null : Keep(scope.WrittenSpan, reason, isSealed, message);
    }

    private ChangeSegment Keep(ReadOnlySpan<byte> delta, string reason, bool isSealed, ulong message)
    {
        var segment = _changes.Add(delta, reason, isSealed, message);
        if (_saveDue == long.MaxValue)
            _saveDue = DueAfter(Core.Options.AutosaveInterval);
        BecomeBusy();
        if (_changes.Bytes >= Core.Options.AutosaveBytes)
            FlushThrough(_changes.LastSequence);
        return segment;
    }
}
