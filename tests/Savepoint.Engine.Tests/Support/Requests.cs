using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Tests;

/// <summary>A unit whose answer can be awaited.</summary>
internal sealed class TestUnit : Unit
{
    private readonly TaskCompletionSource<Refusal?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TestUnit(params Mutation[] mutations) => Mutations = mutations;

    public Task<Refusal?> Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    public Refusal? Refusal { get; private set; }

    public long Version => Mutations[0].ResultVersion;

    public long[] Versions => [.. Mutations.Select(mutation => mutation.ResultVersion)];

    /// <summary>Where its answer is noted, in order.</summary>
    public Action<TestUnit>? Noted { get; init; }

    public TestUnit By(int writer, long request, long received = 0, ulong fingerprint = 0)
    {
        (Writer, Request, ReceivedThrough, Fingerprint) = (World.Writer(writer), request, received, fingerprint);
        return this;
    }

    /// <summary>The same request once more, as a client sends it that got no answer.</summary>
    public TestUnit Again() => new([.. Mutations.Select(mutation => mutation with { ResultVersion = -1 })])
    {
        Writer = Writer,
        Request = Request,
        ReceivedThrough = ReceivedThrough,
        Fingerprint = Fingerprint,
        Actor = Actor,
    };

    /// <summary>What came of it, in short.</summary>
    public string Text => !IsAnswered ? "pending" : Refusal is null ? string.Join(',', Versions) : Refusal.Code.ToString();

    protected internal override void Completed(Refusal? refusal)
    {
        Refusal = refusal;
        if (!_answer.TrySetResult(refusal))
            throw new InvalidOperationException("A unit was answered twice.");
        Noted?.Invoke(this);
    }
}

/// <summary>Shorthand for mutations.</summary>
internal static class Make
{
    public static Mutation Delta(EntityKey key, Action<DeltaWriter> write)
    {
        var delta = new DeltaWriter();
        write(delta);
        return new Mutation { Key = key, Kind = MutationKind.Delta, Payload = delta.ToArray() };
    }

    public static Mutation Set(EntityKey key, string path, Value value) => Delta(key, delta => delta.Set(path, value));

    public static Mutation Add(EntityKey key, string path, long amount, long? min = null) => Delta(key, delta => delta.Increment(path, amount, min));

    public static Mutation Remove(EntityKey key) => new() { Key = key, Kind = MutationKind.Remove };

    public static Mutation Erase(EntityKey key) => new() { Key = key, Kind = MutationKind.Erase };

    public static Mutation Restore(EntityKey key, long version) => new() { Key = key, Kind = MutationKind.Restore, RestoredVersion = version };

    public static Mutation EndSession(EntityKey key, long session) => new() { Key = key, Kind = MutationKind.EndSession, Session = session };

    public static Mutation Message(EntityKey key, string json = """{"text":"hi"}""") =>
        new() { Key = key, Kind = MutationKind.Message, Payload = DocumentJson.Parse(json).ToBytes() };

    public static Mutation Intent(EntityKey key, string name, string arguments = "{}") =>
        new() { Key = key, Kind = MutationKind.Intent, Intent = name, Payload = DocumentJson.Parse(arguments).ToBytes() };

    public static Mutation Under(this Mutation mutation, long session) => mutation with { Session = session };

    public static Mutation At(this Mutation mutation, long version) => mutation with { ExpectedVersion = version };

    public static Mutation Processing(this Mutation mutation, params long[] messages) => mutation with { ProcessedMessages = messages };

    public static TestUnit By(this Mutation mutation, int writer, long request, long received = 0, ulong fingerprint = 0) =>
        new TestUnit(mutation).By(writer, request, received, fingerprint);
}

/// <summary>A reading whose answer can be awaited.</summary>
internal sealed class Reading : EntityReading
{
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answer => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    public EntitySnapshot Snapshot { get; private set; }

    public Refusal? Refusal { get; private set; }

    public string Text => !IsAnswered ? "pending" : Refusal?.Code.ToString() ?? Snapshots.Text(Snapshot);

    protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        (Snapshot, Refusal) = (snapshot, refusal);
        _answer.SetResult();
    }
}

/// <summary>A listing whose answer can be awaited.</summary>
internal sealed class Listing : VersionListing
{
    private readonly TaskCompletionSource<VersionPage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<VersionPage?> Page => _answer.Task;

    public bool IsAnswered => _answer.Task.IsCompleted;

    public Refusal? Refusal { get; private set; }

    protected internal override void Completed(VersionPage? page, Refusal? refusal)
    {
        Refusal = refusal;
        _answer.SetResult(page);
    }
}

/// <summary>A scan whose answer can be awaited.</summary>
internal sealed class Scan : EntityScan
{
    private readonly TaskCompletionSource<ScanPage?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ScanPage?> Page => _answer.Task;

    public Refusal? Refusal { get; private set; }

    protected internal override void Completed(ScanPage? page, Refusal? refusal)
    {
        Refusal = refusal;
        _answer.SetResult(page);
    }
}

internal static class Snapshots
{
    public static string Text(in EntitySnapshot snapshot) => snapshot.Document is { } bytes ? DocumentJson.ToText(Decode(bytes)) : "none";

    public static Document Decode(byte[] bytes)
    {
        Document.TryDecode(bytes, new DocumentLimits { MaxDepth = DocumentLimits.DepthCeiling }, out var document).ShouldBe(DocumentError.None);
        return document!;
    }
}
