using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>Follows an entity as a client does: keeps the document by applying what it is told, and finds fault with gaps and repeats.</summary>
internal sealed class Mirror
{
    private Document? _present;

    public long Version { get; private set; }

    /// <summary>The document as of <see cref="Version"/>.</summary>
    public Document? Document { get; private set; }

    /// <summary>The document with the unversioned changes since.</summary>
    public string Text => _present is null ? "none" : DocumentJson.ToText(_present);

    public void Start(in EntitySnapshot snapshot)
    {
        Version = snapshot.Version;
        if (!snapshot.IsResumed)
            Document = snapshot.Document is { } bytes ? Snapshots.Decode(bytes) : null;
        _present = Document?.Clone();
    }

    public void Change(in EntityChange change)
    {
        if (change.Version == 0)
        {
            Apply(_present ??= new Document(), change.Delta);
            return;
        }

        if (change.Version != Version + 1)
            throw new InvalidOperationException($"{change.Key}: version {change.Version} came after {Version}.");
        Version = change.Version;
        if (change.Removed)
            Document = null;
        else
            Apply(Document ??= new Document(), change.Delta);
        if (change.Checksum is { } checksum && Document is not null && Document.Checksum() != checksum)
            throw new InvalidOperationException($"{change.Key}: the checksum of version {Version} does not match.");
        _present = Document?.Clone();
    }

    private static void Apply(Document document, ReadOnlySpan<byte> delta) =>
        Documents.Delta.Apply(document, delta, new DocumentLimits { MaxDepth = DocumentLimits.DepthCeiling });
}

/// <summary>A watcher that notes what it is told.</summary>
internal sealed class Onlooker : Watcher
{
    public List<string> Log { get; } = [];

    public Mirror Mirror { get; } = new();

    public bool HasStarted { get; private set; }

    public bool IsLost { get; private set; }

    public Refusal? Refusal { get; private set; }

    public bool IsResumed { get; private set; }

    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        if (HasStarted)
            throw new InvalidOperationException("A watcher was started twice.");
        HasStarted = true;
        Refusal = refusal;
        IsResumed = snapshot.IsResumed;
        Log.Add(refusal is null ? $"start {snapshot.Version}" : $"refused {refusal.Code}");
        if (refusal is null)
            Mirror.Start(snapshot);
    }

    protected internal override void OnChange(in EntityChange change)
    {
        if (!HasStarted || IsLost || Refusal is not null)
            throw new InvalidOperationException("A change came before the start or after the end.");
        Mirror.Change(change);
        Log.Add(change.Removed ? $"removed {change.Version}" : $"change {change.Version}");
    }

    protected internal override void OnLost()
    {
        if (!HasStarted || Refusal is not null)
            throw new InvalidOperationException("A watch was lost that was never started.");
        IsLost = true;
        Log.Add("lost");
    }
}

/// <summary>A session holder that notes what it is told.</summary>
internal sealed class Holder : SessionHolder
{
    private readonly TaskCompletionSource<SessionOpening> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<string> Log { get; } = [];

    public List<EntityMessage> Messages { get; } = [];

    public Mirror Mirror { get; } = new();

    public Task<SessionOpening> Opened => _opened.Task;

    public bool IsAnswered => _opened.Task.IsCompleted;

    public SessionOpening Opening => _opened.Task.IsCompletedSuccessfully ? _opened.Task.Result : throw new InvalidOperationException("It waits still.");

    public long Session => Opening.Session;

    /// <summary>What came of it, in short.</summary>
    public string Text => !IsAnswered ? "pending"
        : Opening.Refusal is { } refusal ? refusal.Code.ToString()
        : Opening.HeldBy is { } holder ? $"held by {holder}"
        : $"{(Opening.Resumed ? "resumed" : "opened")} {Session}";

    protected internal override void OnOpened(in SessionOpening opening)
    {
        if (!_opened.TrySetResult(opening))
            throw new InvalidOperationException("An opening was answered twice.");
        Messages.AddRange(opening.Messages ?? []);
        if (opening.Session > 0)
            Mirror.Start(opening.Snapshot);
        Log.Add(Text);
    }

    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) =>
        throw new InvalidOperationException("A holder is opened, not started.");

    protected internal override void OnChange(in EntityChange change)
    {
        RequireOpened();
        Mirror.Change(change);
        Log.Add(change.Removed ? $"removed {change.Version}" : $"change {change.Version}");
    }

    protected internal override void OnLost()
    {
        RequireOpened();
        Log.Add("lost");
    }

    protected internal override void OnRequested(string requester)
    {
        RequireOpened();
        Log.Add($"requested by {requester}");
    }

    protected internal override void OnEnded(SessionEndReason reason, string? newHolder)
    {
        RequireOpened();
        Log.Add(newHolder is null ? $"ended: {reason}" : $"ended: {reason} by {newHolder}");
    }

    protected internal override void OnMessage(EntityMessage message)
    {
        RequireOpened();
        Messages.Add(message);
        Log.Add($"message {message.Id}");
    }

    private void RequireOpened()
    {
        if (!IsAnswered || Opening.Session == 0)
            throw new InvalidOperationException("A holder was told something before its opening.");
    }
}
