using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// A document that follows the server's by the pushes of a subscription: in version order, with nothing skipped. Whatever does not fit (a gap, a
/// delta that can't be applied, another checksum) is mended by a snapshot; what comes meanwhile is kept and applied on top of it.
/// </summary>
internal abstract partial class ReplicaHost : DocumentHost, ISubscription
{
    private readonly Dictionary<long, ReadOnlyMemory<byte>> _own = [];

    protected ReplicaHost(ClientCore core, string kind, string id)
        : base(kind, id, core.ReportHandlerFailure) => Core = core;

    /// <summary>Raised with each new version.</summary>
    public event Action<long>? VersionChanged;

    public long Version
    {
        get
        {
            lock (Gate)
                return Replica.Version;
        }
    }

    /// <summary>Whether the entity exists.</summary>
    public bool Exists { get; private set; }

    /// <summary>How often a snapshot had to mend the copy because its checksum was another than the server's.</summary>
    public int ChecksumMismatches { get; private set; }

    /// <summary>How often a snapshot had to mend the copy, for whatever reason.</summary>
    public int Resyncs { get; private set; }

    public ClientCore Core { get; }

    protected Replica Replica { get; } = new();

    protected override Document Document => Replica.Shown;

    /// <summary>The client's own changes that the server has not acknowledged, oldest first.</summary>
    protected virtual IEnumerable<ReadOnlyMemory<byte>> Unacknowledged => [];

    /// <summary>Whether there are such.</summary>
    protected virtual bool HasUnacknowledged => false;

    public abstract void OnPush(ServerMessage push);

    public abstract PendingRequest? CreateResume();

    public abstract void OnDatabaseChanged();

    public virtual void OnDisconnected()
    {
    }

    public void OnOwnCommitted(long version, ReadOnlyMemory<byte> delta)
    {
        lock (Gate)
        {
            if (version > Replica.Version)
                _own[version] = delta;
        }
    }

    /// <summary>Takes the state that a subscription starts from, or starts over from.</summary>
    protected void TakeSnapshot(long version, ReadOnlySpan<byte> document)
    {
        var before = Replica.Shown;
        Replica.Take(document.IsEmpty ? new Document() : Document.Decode(document), version);
        Exists = !document.IsEmpty;
        ForgetOwnThrough(version);
        OnAdvanced(version);
        Show(before, ChangeOrigin.Remote);
        ReplayKept();
    }

    /// <summary>What is known belongs to another database; it shows until the next snapshot, whatever version that has. Under the lock.</summary>
    protected void StartOver()
    {
        Replica.Take(Replica.Confirmed, 0);
        _own.Clear();
        _kept.Clear();
        _isResyncing = false;
    }

    /// <summary>Takes a snapshot under the lock, then raises its events; false when the bytes are no document.</summary>
    protected bool TryTakeSnapshot(long version, ReadOnlySpan<byte> document)
    {
        try
        {
            lock (Gate)
                TakeSnapshot(version, document);
            return true;
        }
        catch (DocumentException exception)
        {
            Core.ReportHandlerFailure(exception);
            return false;
        }
        finally
        {
            RaiseEvents();
        }
    }

    protected void TakeChange(Change change)
    {
        lock (Gate)
            TakeOrKeep(change);
        RaiseEvents();
    }

    /// <summary>Rebuilds what is shown, and tells of what is different then; under the lock.</summary>
    protected void Show(Document before, ChangeOrigin origin)
    {
        Replica.Rebuild(Unacknowledged, OnNoLongerApplies);
        if (HasListeners && !ReferenceEquals(before, Replica.Shown))
            AddChanges(DocumentDiff.Between(before, Replica.Shown, origin));
        AfterShow();
    }

    /// <summary>An unacknowledged change can't be shown any more on top of what the server has.</summary>
    protected virtual void OnNoLongerApplies(int index, DocumentError error)
    {
    }

    /// <summary>What is shown was rebuilt.</summary>
    protected virtual void AfterShow()
    {
    }

    /// <summary>The change that this subscription made itself and now hears of; false when the push is of another's change.</summary>
    protected virtual bool TryAcknowledge(Change change) => false;

    /// <summary>As <see cref="TryAcknowledge"/>, of a change that made no version.</summary>
    protected virtual void AcknowledgeUnversioned(Change change)
    {
    }

    /// <summary>The server's document went on to a version; under the lock.</summary>
    protected virtual void OnAdvanced(long version)
    {
    }

    protected void RaiseVersion()
    {
        if (VersionChanged is null)
            return;
        var version = Replica.Version;
        Events.Add(() => VersionChanged?.Invoke(version));
    }

    /// <summary>Takes it that the server's document went on to a version by a change that is shown already; under the lock.</summary>
    /// <returns>Whether it could be applied.</returns>
    protected bool TryConfirmShown(ReadOnlySpan<byte> delta, long version)
    {
        if (Replica.TryConfirm(delta, version, null) != DocumentError.None)
        {
            Resync();
            return false;
        }
        Advanced(version);
        return true;
    }

    protected bool IsNext(long version) => version == Replica.Version + 1 && !_isResyncing;

    private void TakeOrKeep(Change change)
    {
        if (_isResyncing)
        {
            if (_kept.Count < MaxKeptChanges)
                _kept.Enqueue(change);
        }
        else if (change.Version == 0)
        {
            TakeUnversioned(change);
        }
        else if ((long)change.Version == Replica.Version + 1)
        {
            TakeNext(change);
        }
        else if ((long)change.Version > Replica.Version)
        {
            Resync();
            _kept.Enqueue(change);
        }
        Verify(change);
    }

    private void TakeUnversioned(Change change)
    {
        if (change.OwnRequest != 0 && !change.Delta.IsEmpty)
        {
            // What was asked for shows already, and may be in the way of what became of it.
            var before = Replica.Shown;
            AcknowledgeUnversioned(change);
            Replica.KeepUnversioned(change.Delta.Span);
            Show(before, ChangeOrigin.Remote);
            return;
        }
        var observer = Observer();
        if (Replica.TryApplyUnversioned(change.Delta.Span, observer) == DocumentError.None)
            AddChanges(observer);
    }

    private void TakeNext(Change change)
    {
        var version = (long)change.Version;
        if (change.Removed)
            TakeSnapshot(version, default);
        else if (!TryAcknowledge(change) && !TryTakeRemote(version, DeltaOf(change)))
            Resync();
    }

    private bool TryTakeRemote(long version, ReadOnlyMemory<byte> delta)
    {
        if (delta.IsEmpty)
            return false;
        var before = Replica.Shown;
        var observer = Observer();
        var plain = Replica.IsPlain;
        if (Replica.TryConfirm(delta.Span, version, observer) != DocumentError.None)
            return false;
        if (!plain && (HasUnacknowledged || Replica.HasUnversioned || Replica.TryFollow(delta.Span, observer) != DocumentError.None))
            Show(before, ChangeOrigin.Remote);
        else
            AddChanges(observer);
        Exists = true;
        Advanced(version);
        return true;
    }

    private void Advanced(long version)
    {
        ForgetOwnThrough(version);
        OnAdvanced(version);
        RaiseVersion();
    }

    /// <summary>The subscription can't go on.</summary>
    protected abstract void Close(SavepointException exception);

    private ReadOnlyMemory<byte> DeltaOf(Change change)
    {
        if (!change.Delta.IsEmpty || change.OwnRequest == 0)
            return change.Delta.Memory;
        // What made the entity began with the template of its kind, which only the server knows.
        if (!Exists)
            return default;
        if (_own.TryGetValue((long)change.Version, out var own))
            return own;
        var unit = Core.Pipeline.FindUnit(change.OwnRequest);
        return unit is not null && change.OwnMutation < unit.Changes.Count ? unit.Changes[(int)change.OwnMutation].Delta : default;
    }

    private void ForgetOwnThrough(long version)
    {
        if (_own.Count == 0)
            return;
        foreach (var known in _own.Keys.Where(known => known <= version).ToArray())
            _own.Remove(known);
    }
}
