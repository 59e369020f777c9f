using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Saves. One save at a time is on its way, so that a refused one never lets a later one pass; what is changed meanwhile
// goes with the next.
internal sealed partial class ProfileSession
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    private readonly SaveWaiters _waiters = new();
    private ChangeSegment? _saving;
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
            var outcome = _saving is null ? RequestOutcome.NotApplied : RequestOutcome.Unknown;
            if (!_waiters.IsEmpty)
                _waiters.TimeOut(now, SavepointException.TimedOut("The save", outcome, Kind, Id));
            due = IsActive && _isLive && now >= _saveDue && _saving is null && _changes.NextToSend is not null;
        }
        if (due)
            Autosave();
        lock (Gate)
            return _isBusy = IsActive && (!_changes.IsEmpty || !_waiters.IsEmpty);
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

            // With Deferred values about, what was recorded may be more than what was asked for: the push says what.
            if (!segment.IsApplied && (version <= Replica.Version || !Replica.HasUnversioned))
                Acknowledge(segment, version, segment.Delta.WrittenSpan);
            _waiters.Complete(segment.Sequence, _savedVersion);
            if (Saved is not null)
                Events.Add(() => Saved?.Invoke(version));
            _saveDue = _changes.IsEmpty ? long.MaxValue : DueAfter(Core.Options.AutosaveInterval);
            Flush();

            // Who waits for a segment that a change from elsewhere has made void waits for nothing more.
            if (_saving is null && _changes.NextToSend is null)
                _waiters.Complete(long.MaxValue, _savedVersion);
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

    protected override bool TryAcknowledge(Change change)
    {
        var version = (long)change.Version;
        var segment = IsOfSave(change) ? _saving : _changes.Segments.FirstOrDefault(kept => kept.CommittedAs == version);
        if (segment is null)
            return false;
        if (change.Delta.IsEmpty)
            Acknowledge(segment, version, segment.Delta.WrittenSpan);
        else
            Acknowledge(segment, version, change.Delta.Span);
        return true;
    }

    protected override void AcknowledgeUnversioned(Change change)
    {
        if (!IsOfSave(change))
            return;
        _saving!.IsApplied = true;
        _changes.Remove(_saving);
    }

    private bool IsOfSave(Change change) =>
        _saving is { IsApplied: false, Request: { } request } && change.OwnRequest != 0 && request.Number == change.OwnRequest;

    protected override void OnAdvanced(long version)
    {
        foreach (var segment in _changes.Segments.Where(segment => segment.CommittedAs > 0 && segment.CommittedAs <= version).ToArray())
        {
            segment.IsApplied = true;
            _changes.Remove(segment);
        }
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

    // Either of push and answer may come first.
    private void Acknowledge(ChangeSegment segment, long version, ReadOnlySpan<byte> delta)
    {
        if (version <= Replica.Version)
        {
            // A snapshot, or a push that did not say whose change it is, has brought it already.
            segment.IsApplied = true;
            _changes.Remove(segment);
            Show(Replica.Shown, ChangeOrigin.Remote);
        }
        else if (IsNext(version) && TryConfirmShown(delta, version))
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
        _waiters.Fail(segment.Sequence, exception);
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
        segment.Refusal = exception;
        _waiters.Fail(segment.Sequence, exception);
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
}
