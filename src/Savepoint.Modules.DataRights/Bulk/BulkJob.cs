using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>How a job stands.</summary>
public enum BulkState
{
    /// <summary>It goes on.</summary>
    Running,

    /// <summary>It waits to be resumed.</summary>
    Paused,

    /// <summary>It was given up; what it has changed stays changed.</summary>
    Cancelled,

    /// <summary>It has come to its end.</summary>
    Done,
}

/// <summary>What a job does to each entity of a kind that meets all its conditions.</summary>
/// <param name="Kind">The kind.</param>
public sealed record BulkJob(string Kind)
{
    /// <summary>The conditions; none for all entities.</summary>
    public IReadOnlyList<BulkCondition> Conditions { get; init; } = [];

    /// <summary>The delta that is applied; empty where an intent is asked for.</summary>
    public ReadOnlyMemory<byte> Delta { get; init; }

    /// <summary>The intent that is asked for; null where a delta is applied.</summary>
    public string? Intent { get; init; }

    /// <summary>The intent's arguments.</summary>
    public Document? Arguments { get; init; }

    /// <summary>What is left as a message where a session holds the entity against the change; null where that is a refusal.</summary>
    public Document? Message { get; init; }

    /// <summary>Why, for the history.</summary>
    public string? Reason { get; init; }

    /// <summary>Who it is done by.</summary>
    public string Actor { get; init; } = "";

    /// <summary>The most entities that are changed in a second, 1 to 10,000. The default value is 100.</summary>
    public int PerSecond { get; init; } = 100;

    internal bool Matches(Document document) => Conditions.All(condition => condition.Holds(document));

    internal Mutation MutationOf(EntityKey key, long version) => Intent is null
        ? new Mutation { Key = key, Kind = MutationKind.Delta, Payload = Delta, ExpectedVersion = version }
        : new Mutation { Key = key, Kind = MutationKind.Intent, Intent = Intent, Payload = (Arguments ?? new Document()).ToBytes(), ExpectedVersion = version };

    internal Document ToDocument(BulkState state, DateTimeOffset at)
    {
        var map = new MapBuilder
        {
            { "kind", Kind },
            { "conditions", Value.FromList(Conditions.Select(ToValue)) },
            { "perSecond", (long)PerSecond },
            { "actor", Actor },
            { "state", state.ToString() },
            { "startedAt", at },
        };
        if (Intent is null)
            map.Add("delta", Value.From(Delta));
        else
            map.Add("intent", Intent);
        if (Arguments is not null)
            map.Add("arguments", Value.From(Arguments.ToBytes().AsMemory()));
        if (Message is not null)
            map.Add("message", Value.From(Message.ToBytes().AsMemory()));
        if (Reason is not null)
            map.Add("reason", Reason);
        return new Document(map.Build());
    }

    internal static BulkJob From(Document document) => new(document.Root["kind"].AsString())
    {
        Conditions = [.. document.Root["conditions"].AsList().Select(FromValue)],
        PerSecond = (int)document.Root["perSecond"].AsInt64(),
        Actor = document.Root["actor"].AsString(),
        Delta = document.Root.TryGet("delta", out var delta) ? delta.AsBytes() : default,
        Intent = document.Root.TryGet("intent", out var intent) ? intent.AsString() : null,
        Arguments = Part(document, "arguments"),
        Message = Part(document, "message"),
        Reason = document.Root.TryGet("reason", out var reason) ? reason.AsString() : null,
    };

    internal static BulkState StateOf(Document document) => Enum.Parse<BulkState>(document.Root["state"].AsString());

    private static Document? Part(Document document, string key) =>
        document.Root.TryGet(key, out var value) ? Document.Decode(value.AsBytes().Span) : null;

    private static Value ToValue(BulkCondition condition)
    {
        var map = new MapBuilder { { "path", condition.Path }, { "op", condition.Operator } };
        if (!condition.Value.IsNone)
            map.Add("value", condition.Value);
        return map;
    }

    private static BulkCondition FromValue(Value value)
    {
        var map = value.AsMap();
        return new BulkCondition(map["path"].AsString(), map["op"].AsString(), map.TryGet("value", out var compared) ? compared : default);
    }
}
