using Savepoint.Documents;

namespace Savepoint.Engine.Audit;

/// <summary>What an entry of the audit log says.</summary>
/// <param name="Actor">Who did it: <c>admin:root</c>.</param>
/// <param name="Action">What was done, a stable name: <c>user.export</c>.</param>
/// <param name="Target">To what: <c>user/alice</c>, or the key of an entity.</param>
public sealed record AuditEntry(string Actor, string Action, string Target)
{
    /// <summary>When; set by whoever reads it from the log.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>From which address; null where there is none.</summary>
    public string? Address { get; init; }

    /// <summary>Why, as the one who did it said; null for nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>What was there before, where it makes sense; null for nothing.</summary>
    public Document? Before { get; init; }

    /// <summary>What is there now, or what came of it; null for nothing.</summary>
    public Document? After { get; init; }

    /// <summary>Reads an entry.</summary>
    public static AuditEntry From(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new AuditEntry(Text(document, "actor") ?? "", Text(document, "action") ?? "", Text(document, "target") ?? "")
        {
            At = document.Root.TryGet("at", out var at) && at.Kind == ValueKind.Timestamp ? at.AsTimestamp() : default,
            Address = Text(document, "address"),
            Reason = Text(document, "reason"),
            Before = Part(document, "before"),
            After = Part(document, "after"),
        };
    }

    internal Document ToDocument(DateTimeOffset at)
    {
        var map = new MapBuilder { { "actor", Actor }, { "action", Action }, { "target", Target }, { "at", at } };
        if (Address is not null)
            map.Add("address", Address);
        if (Reason is not null)
            map.Add("reason", Reason);
        if (Before is not null)
            map.Add("before", Before.Root);
        if (After is not null)
            map.Add("after", After.Root);
        return new Document(map.Build());
    }

    private static string? Text(Document document, string key) =>
        document.Root.TryGet(key, out var value) && value.Kind == ValueKind.String ? value.AsString() : null;

    private static Document? Part(Document document, string key) =>
        document.Root.TryGet(key, out var value) && value.Kind == ValueKind.Map ? new Document(value.AsMap()) : null;
}
