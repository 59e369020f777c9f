using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Local changes and their saves. One save at a time is on its way, so that a refused one never lets a later one pass; what is changed meanwhile
// goes with the next.
internal sealed partial class ProfileSession
{
    private const int MaxReasonLength = 64;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly LocalChanges _changes = new();
    private readonly List<SaveWaiter> _waiters = [];
    private readonly List<ChangeSegment> _stale = [];
    private ChangeSegment? _saving;
    private DeltaWriter? _scope;
    private long _flushThrough;
    private long _savedVersion;
    private long _saveDue = long.MaxValue;
    private bool _isBusy;

    /// <summary>Raised before each save, and the place to put in what changes all the time.</summary>
    public event Action? Saving;

    public event Action<LastSaveReason>? LastSaving;

    public event Action<long>? Saved;

    public event Action<ChangeRefusal>? ChangeRefused;

    /// <summary>For tests.</summary>
    internal IEnumerable<ReadOnlyMemory<byte>> UnacknowledgedDeltas => Unacknowledged;

    public bool HasUnsavedChanges
    {
        get
        {
            lock (Gate)
                return _saving is not null || _changes.NextToSend is not null;
        }
    }

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

    /// <summary>Waits until all changes made before are durable.</summary>
    /// <returns>The newest version.</returns>
    public Task<long> SaveAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<long>(cancellationToken);
        RaiseSaving();
        return WaitForSave(Core.Options.SaveTimeout, cancellationToken);
    }

    /// <summary>Called now and then while there is something to save or to wait for.</summary>
    /// <returns>Whether there still is.</returns>
    public bool Tick(long now)
    {
        bool due;
        lock (Gate)
        {
            TimeWaitersOut(now);
            due = IsActive && _isLive && now >= _saveDue && _saving is null && _changes.NextToSend is not null;
        }
        if (due)
            Autosave();
        lock (Gate)
            return _isBusy = IsActive && (!_changes.IsEmpty || _waiters.Count > 0);
    }

    /// <summary>Saves now what would be saved later, without waiting for it.</summary>
    public void Autosave()
    {
        RaiseSaving();
        lock (Gate)
            FlushThrough(_changes.LastSequence);
        RaiseEvents();
    }

    public void OnSaved(ChangeSegment segment, long version)
    {
        Core.Health.Succeeded();
        lock (Gate)
        {
            if (!IsActive)
                return;
            _saving = null;
            segment.Request = null;
            segment.CommittedAs = version;
            _savedVersion = Math.Max(_savedVersion, version);
            if (!segment.IsApplied)
                Acknowledge(segment, version);
            CompleteWaiters(segment.Sequence);
            if (Saved is not null)
                Events.Add(() => Saved?.Invoke(version));
            _saveDue = _changes.IsEmpty ? long.MaxValue : DueAfter(Core.Options.AutosaveInterval);
            Flush();
        }
        RaiseEvents();
    }

    public void OnSaveFailed(ChangeSegment segment, SavepointException exception)
    {
        if (exception.Code is ErrorCodes.SessionLost or ErrorCodes.SessionRequired or ClientErrorCodes.DatabaseChanged or ClientErrorCodes.Closed)
        {
            FinishAfter(exception);
            return;
        }
        var isTransient = exception is { IsTransient: true, Outcome: RequestOutcome.NotApplied };
        if (isTransient || exception.Outcome == RequestOutcome.Unknown)
            Core.Health.Failed();
        lock (Gate)
        {
            if (!IsActive)
                return;
            _saving = null;
            segment.Request = null;
            if (isTransient)
                KeepForLater(segment, exception);
            else
                TakeBack(segment, exception);
        }
        RaiseEvents();
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

    protected override bool TryAcknowledge(Change change)
    {
        var version = (long)change.Version;
        var segment = _saving is { IsApplied: false, Request: { } request } && change.OwnRequest != 0 && request.Number == change.OwnRequest
            ? _saving
            : _changes.Segments.FirstOrDefault(kept => kept.CommittedAs == version);
        if (segment is null)
            return false;
        Acknowledge(segment, version);
        return true;
    }

    protected override void OnAdvanced(long version)
    {
        foreach (var segment in _changes.Segments.Where(segment => segment.CommittedAs > 0 && segment.CommittedAs <= version).ToArray())
        {
            segment.IsApplied = true;
            _changes.Remove(segment);
        }
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

    private void BecomeBusy()
    {
        if (_isBusy)
            return;
        _isBusy = true;
        Core.AddBusy(this);
    }

    private Task<long> WaitForSave(TimeSpan timeout, CancellationToken cancellationToken)
    {
        SaveWaiter waiter;
        lock (Gate)
        {
            if (!IsActive)
                return Task.FromException<long>(LostException());
            if (_changes.NextToSend is null && _saving is null)
                return Task.FromResult(Math.Max(_savedVersion, Replica.Version));
            waiter = new SaveWaiter(Core.Context, _changes.LastSequence, DueAfter(timeout));
            _waiters.Add(waiter);
            BecomeBusy();
            FlushThrough(waiter.Through);
        }
        RaiseEvents();
        waiter.CancelWith(cancellationToken);
        return waiter.Task;
    }

    private void FlushThrough(long sequence)
    {
        _flushThrough = Math.Max(_flushThrough, sequence);
        Flush();
    }

    private void Flush()
    {
        if (!_isLive || !IsActive || _saving is not null || _changes.NextToSend is not { } segment || segment.Sequence > _flushThrough)
            return;
        _saving = segment;
        segment.Request = SaveRequest.Create(this, segment, Core.Subscriptions);
        Core.Pipeline.Add(segment.Request);
    }

    // What the push says and what was sent are the same; either of push and answer may come first.
    private void Acknowledge(ChangeSegment segment, long version)
    {
        if (version <= Replica.Version)
        {
            // A snapshot, or a push that did not say whose change it is, has brought it already.
            segment.IsApplied = true;
            _changes.Remove(segment);
            Show(Replica.Shown, ChangeOrigin.Remote);
        }
        else if (IsNext(version) && TryConfirmShown(segment.Delta.WrittenSpan, version))
        {
            segment.IsApplied = true;
            _changes.Remove(segment);
            if (segment.IsHidden)
                Show(Replica.Shown, ChangeOrigin.Remote);
        }
    }

    private void KeepForLater(ChangeSegment segment, SavepointException exception)
    {
        _flushThrough = segment.Sequence - 1;
        _saveDue = DueAfter(exception.RetryAfter ?? Core.Options.AutosaveInterval);
        FailWaiters(segment.Sequence, exception);
    }

    private void TakeBack(ChangeSegment segment, SavepointException exception)
    {
        _changes.Remove(segment);
        Refuse(segment, exception);
        Show(Replica.Shown, ChangeOrigin.Remote);
        if (exception.Outcome == RequestOutcome.Unknown)
            Resync();
        Flush();
    }

    private void Refuse(ChangeSegment segment, SavepointException exception)
    {
        FailWaiters(segment.Sequence, exception);
        Events.Add(() => ChangeRefused?.Invoke(ChangeRefusal.Of(segment, exception)));
    }

    private void FinishAfter(SavepointException exception) => Finish(
        exception.Code switch
        {
            ClientErrorCodes.DatabaseChanged => SessionEndReason.DatabaseChanged,
            ClientErrorCodes.Closed => SessionEndReason.GivenUp,
            _ => exception.Holder is null ? SessionEndReason.LeaseExpired : SessionEndReason.Stolen,
        },
        exception.Holder);

    private void RaiseSaving() => Raise(() => Saving?.Invoke());

    // At once, so that what the handlers change goes with this save.
    private void Raise(Action raise)
    {
        try
        {
            raise();
        }
        catch (Exception exception)
        {
            Core.ReportHandlerFailure(exception);
        }
    }

    private long DueAfter(TimeSpan delay) => Core.Options.TimeProvider.GetTimestamp() + Core.Options.TimeProvider.Ticks(delay);

    private void CompleteWaiters(long sequence)
    {
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Through > sequence)
                continue;
            _waiters[i].Complete(_savedVersion);
            _waiters.RemoveAt(i);
        }
    }

    private void FailWaiters(long sequence, SavepointException exception)
    {
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Through < sequence)
                continue;
            _waiters[i].Fail(exception);
            _waiters.RemoveAt(i);
        }
    }

    private void TimeWaitersOut(long now)
    {
        for (var i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Deadline > now)
                continue;
            var outcome = _saving is null ? RequestOutcome.NotApplied : RequestOutcome.Unknown;
            _waiters[i].Fail(SavepointException.TimedOut("The save", outcome, Kind, Id));
            _waiters.RemoveAt(i);
        }
    }
}
