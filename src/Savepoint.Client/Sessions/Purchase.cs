namespace Savepoint.Client;

/// <summary>How a purchase ended.</summary>
public enum PurchaseResult : byte
{
    /// <summary>It was granted now.</summary>
    Granted = 0,

    /// <summary>It had been granted before.</summary>
    AlreadyGranted = 1,
}

/// <summary>Where and how purchases are recorded. Immutable.</summary>
public sealed record PurchaseOptions
{
    /// <summary>All defaults.</summary>
    public static PurchaseOptions Default { get; } = new();

    /// <summary>The map in the document that holds the purchases: by id, when each was granted. The default is <c>purchases</c>.</summary>
    public Path Record { get; init; } = Path.Parse("purchases");

    /// <summary>How many are remembered; older ones go. The default is 100, the range 1 to 10,000.</summary>
    public int Remembered { get; init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(Remembered), value, "Must be 1 to 10,000."); } = 100;

    /// <summary>For the ledger and the history, at most 64 characters. The default is <c>purchase</c>.</summary>
    public string Reason { get; init; } = "purchase";
}

/// <summary>The purchase recipe: the grant and its record are one unit, so that neither is ever saved without the other.</summary>
internal sealed class Purchase(ProfileSession session, PurchaseOptions options)
{
    public async Task<PurchaseResult> MakeAsync(string purchaseId, Action grant, CancellationToken cancellationToken)
    {
        var result = PurchaseResult.AlreadyGranted;
        var entry = options.Record.Child(purchaseId);
        session.Change(
            () =>
            {
                if (session.TryGet(entry, out _))
                    return;
                grant();
                session.Set(entry, session.Now);
                ForgetOldest();
                result = PurchaseResult.Granted;
            },
            options.Reason,
            isSealed: true);

        // One that was granted before may not be durable yet.
        await session.SaveAsync(cancellationToken);
        return result;
    }

    private void ForgetOldest()
    {
        if (!session.TryGet(options.Record, out var record) || record.AsMap().Count <= options.Remembered)
            return;
        var oldest = record.AsMap()
            .OrderBy(static entry => GrantedAt(entry.Value))
            .ThenBy(static entry => entry.Key, StringComparer.Ordinal)
            .Take(record.AsMap().Count - options.Remembered);
        foreach (var (purchaseId, _) in oldest.ToArray())
            session.Remove(options.Record.Child(purchaseId));
    }

    /// <summary>A back end that grants over HTTP records milliseconds, since it adds to what is there.</summary>
    private static DateTimeOffset GrantedAt(Value recorded)
    {
        const long LastUnixMs = 253_402_300_799_999;
        if (recorded.TryGetTimestamp(out var at))
            return at;
        return recorded.TryGetInt64(out var unixMs) && unixMs is > 0 and <= LastUnixMs ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs) : DateTimeOffset.MinValue;
    }
}
