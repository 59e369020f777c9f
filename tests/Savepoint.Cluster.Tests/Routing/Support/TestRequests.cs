using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>A unit whose answer can be awaited.</summary>
internal sealed class TestUnit : Unit
{
    private readonly TaskCompletionSource<Refusal?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<Refusal?> Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    public Refusal? Refusal { get; private set; }

    public long Version => Mutations[0].ResultVersion;

    public static TestUnit By(int writer, long request, params Mutation[] mutations) =>
        new() { Writer = WriterOf(writer), Request = request, Mutations = mutations, Actor = "server:test" };

    public static Guid WriterOf(int number) => new(number, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);

    public static Mutation Add(EntityKey key, string path, long amount) => Delta(key, delta => delta.Increment(path, amount));

    public static Mutation Set(EntityKey key, string path, Value value) => Delta(key, delta => delta.Set(path, value));

    /// <summary>Appends to a list, so that the order of changes can be seen afterwards.</summary>
    public static Mutation Append(EntityKey key, long value) => Delta(key, delta => delta.Set($"m.k{value}", value));

    private static Mutation Delta(EntityKey key, Action<DeltaWriter> write)
    {
        var delta = new DeltaWriter();
        write(delta);
        return new Mutation { Key = key, Kind = MutationKind.Delta, Payload = delta.ToArray() };
    }

    protected override void Completed(Refusal? refusal)
    {
        Refusal = refusal;
        if (!_answer.TrySetResult(refusal))
            throw new InvalidOperationException("A unit was answered twice.");
    }
}

internal sealed class Reading : EntityReading
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answer => _answer.Task;

    public EntitySnapshot Snapshot { get; private set; }

    public Refusal? Refusal { get; private set; }

    public string Text => Refusal?.Code.ToString() ?? Mirror.TextOf(Snapshot.Document);

    protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        (Snapshot, Refusal) = (snapshot, refusal);
        _answer.SetResult();
    }
}

internal sealed class Listing : VersionListing
{
    private readonly TaskCompletionSource<VersionPage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<VersionPage?> Answer => _answer.Task;

    public Refusal? Refusal { get; private set; }

    protected override void Completed(VersionPage? page, Refusal? refusal)
    {
        Refusal = refusal;
        _answer.SetResult(page);
    }
}

internal sealed class Scan : EntityScan
{
    private readonly TaskCompletionSource<ScanPage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ScanPage?> Answer => _answer.Task;

    public Refusal? Refusal { get; private set; }

    protected override void Completed(ScanPage? page, Refusal? refusal)
    {
        Refusal = refusal;
        _answer.SetResult(page);
    }
}

/// <summary>Keeps a document by what a watcher is told, and finds fault with gaps.</summary>
internal sealed class Mirror
{
    private Document? _document;

    public long Version { get; private set; }

    public string Text => _document is null ? "none" : DocumentJson.ToText(_document);

    public static string TextOf(byte[]? document) => document is null ? "none" : DocumentJson.ToText(Decode(document));

    public void Start(in EntitySnapshot snapshot)
    {
        Version = snapshot.Version;
        if (!snapshot.IsResumed)
            _document = snapshot.Document is { } bytes ? Decode(bytes) : null;
    }

    public void Change(in EntityChange change)
    {
        if (change.Version != Version + 1)
            throw new InvalidOperationException($"{change.Key}: version {change.Version} came after {Version}.");
        Version = change.Version;
        if (change.Removed)
            _document = null;
        else
            Delta.Apply(_document ??= new Document(), change.Delta, new DocumentLimits());
    }

    private static Document Decode(byte[] bytes)
    {
        Document.TryDecode(bytes, new DocumentLimits(), out var document).ShouldBe(DocumentError.None);
        return document!;
    }
}

internal sealed class Onlooker : Watcher
{
    public List<string> Log { get; } = [];

    public Mirror Mirror { get; } = new();

    public bool IsStarted { get; private set; }

    public bool IsLost { get; private set; }

    public Refusal? Refusal { get; private set; }

    protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        if (IsStarted || Refusal is not null)
            throw new InvalidOperationException("A watcher was started twice.");
        (IsStarted, Refusal) = (refusal is null, refusal);
        if (refusal is null)
            Mirror.Start(snapshot);
        Log.Add(refusal is null ? $"start {snapshot.Version}" : $"refused {refusal.Code}");
    }

    protected override void OnChange(in EntityChange change)
    {
        if (!IsStarted || IsLost)
            throw new InvalidOperationException("A change came before the start or after the end.");
        Mirror.Change(change);
        Log.Add($"change {change.Version}");
    }

    protected override void OnLost()
    {
        if (!IsStarted || IsLost)
            throw new InvalidOperationException("A watch was lost that is none.");
        IsLost = true;
        Log.Add("lost");
    }
}

internal sealed class Holder : SessionHolder
{
    public List<string> Log { get; } = [];

    public SessionOpening? Opening { get; private set; }

    public long Session => Opening?.Session ?? 0;

    public bool IsAnswered => Opening is not null;

    public bool IsLost => Log.Contains("lost");

    public static Holder By(int writer, long request, EntityKey key, SessionConflictPolicy policy = SessionConflictPolicy.Wait) =>
        new() { Key = key, Name = $"server-{writer}", Writer = TestUnit.WriterOf(writer), Request = request, Policy = policy };

    public Holder Again(long session, long from) =>
        new() { Key = Key, Name = Name, Writer = Writer, Request = Request, Resume = session, FromVersion = from, Replaces = this };

    protected override void OnOpened(in SessionOpening opening)
    {
        if (Opening is not null)
            throw new InvalidOperationException("An opening was answered twice.");
        Opening = opening;
        Log.Add(opening.Refusal is { } refusal ? $"refused {refusal.Code}" : opening.HeldBy is { } other ? $"held by {other}" : $"{(opening.Resumed ? "resumed" : "opened")} {opening.Session}");
    }

    protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) => throw new InvalidOperationException("A holder is opened, not started.");

    protected override void OnChange(in EntityChange change) => Log.Add($"change {change.Version}");

    protected override void OnLost() => Log.Add("lost");

    protected override void OnRequested(string requester) => Log.Add($"requested by {requester}");

    protected override void OnEnded(SessionEndReason reason, string? newHolder) => Log.Add($"ended {reason} {newHolder}".TrimEnd());

    protected override void OnMessage(EntityMessage message) => Log.Add($"message {message.Id} from {message.Sender}");
}
