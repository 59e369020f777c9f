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

    /// <summary>
    /// The map in the document that holds the purchases: by id, when each was granted, in milliseconds since 1970. The default is <c>purchases</c>. Nothing else may
    /// change it.
    /// </summary>
    public Path Record { get; init; } = Path.Parse("purchases");

    /// <summary>
    /// How many are remembered at least; older ones go once <see cref="RememberedFor"/> is over too. The default is 100, the range 1 to 10,000. A purchase that was
    /// forgotten is granted again when it is asked for again.
    /// </summary>
    public int Remembered { get; init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(Remembered), value, "Must be 1 to 10,000."); } = 100;

    /// <summary>
    /// How long each is remembered at least, however many follow: longer than the shop or its webhooks may still ask for it. The default is 30 days, the range 0 to
    /// 10,000 days.
    /// </summary>
    public TimeSpan RememberedFor
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(10_000) ? value : throw new ArgumentOutOfRangeException(nameof(RememberedFor), value, "Must be 0 to 10,000 days.");
    } = TimeSpan.FromDays(30);

    /// <summary>For the ledger and the history, at most 64 characters. The default is <c>purchase</c>.</summary>
    public string Reason { get; init; } = "purchase";
}

/// <summary>
/// The purchase recipe: the grant and its record are one unit, so that neither is ever saved without the other. What is seen here may be old, since a back end
/// grants the same purchases without a session, so the record is an increment by the present time that may lead to nothing but that time: the server refuses it,
/// and the grant with it, where anything is recorded already.
/// </summary>
internal sealed class Purchase(ProfileSession session, PurchaseOptions options)
{
    public async Task<PurchaseResult> MakeAsync(string purchaseId, Action grant, CancellationToken cancellationToken)
    {
        var entry = options.Record.Child(purchaseId);
        var result = PurchaseResult.AlreadyGranted;
        var earlier = default(ChangeSegment);
        var segment = session.Change(
            () =>
            {
                if (session.TryGet(entry, out _))
                {
                    earlier = session.FindUnacknowledged(entry);
                    return;
                }

                // First, so that of all that may stand in the way it is this that does.
                Record(entry);
                grant();
                ForgetOldest(purchaseId);
                result = PurchaseResult.Granted;
            },
            options.Reason,
            isSealed: true);
        if ((segment ?? earlier) is { } made)
            return await SettleAsync(made, result, entry, cancellationToken);

        // Within another change it is a part of that one. What the server has told of is durable.
        if (result == PurchaseResult.Granted)
            await session.SaveAsync(cancellationToken);
        return result;
    }

    /// <summary>Waits until it is known what became of the grant.</summary>
    private async Task<PurchaseResult> SettleAsync(ChangeSegment made, PurchaseResult result, Path entry, CancellationToken cancellationToken)
    {
        while (true)
        {
            var failure = default(SavepointException);
            try
            {
                await session.SaveAsync(cancellationToken);
            }
            catch (SavepointException exception)
            {
                failure = exception;
            }

            // A save says what became of all changes before it, and there are others than this one.
            if (made.Refusal is { } refusal)
                return await IsRecordedAsync(refusal, entry, cancellationToken) ? PurchaseResult.AlreadyGranted : throw refusal;
            if (failure is null || made.CommittedAs > 0)
                return result;
            if (failure is not { IsTransient: false, Outcome: RequestOutcome.NotApplied } || !session.IsUnsaved(made))
                throw failure;
        }
    }

    private void Record(Path entry)
    {
        var now = Math.Max(1, session.Now.ToUnixTimeMilliseconds());
        session.Increment(entry, now, min: now, max: now);
    }

    /// <summary>Whether a grant was refused because its purchase is recorded. A refusal names no path where a change from elsewhere came in between, so it is looked at.</summary>
    private async Task<bool> IsRecordedAsync(SavepointException refusal, Path entry, CancellationToken cancellationToken)
    {
        if (refusal.IsTransient || refusal.Outcome != RequestOutcome.NotApplied || !MeansRecorded(refusal.Code))
            return false;
        return session.IsConfirmed(entry) || await session.IsStoredAsync(entry, cancellationToken);
    }

    private static bool MeansRecorded(string code) =>
        code == DocumentError.OutOfBounds.Code() || code == DocumentError.WrongType.Code() || code == DocumentError.Overflow.Code();

    private void ForgetOldest(string made)
    {
        if (!session.TryGet(options.Record, out var record) || record.AsMap().Count <= options.Remembered)
            return;
        var last = session.Now - options.RememberedFor;
        var oldest = record.AsMap()
            .Where(entry => entry.Key != made)
            .Select(static entry => (PurchaseId: entry.Key, At: GrantedAt(entry.Value)))
            .OrderBy(static entry => entry.At)
            .ThenBy(static entry => entry.PurchaseId, StringComparer.Ordinal)
            .Take(record.AsMap().Count - options.Remembered)
            .TakeWhile(entry => entry.At < last);
        foreach (var (purchaseId, _) in oldest.ToArray())
            session.Remove(options.Record.Child(purchaseId));
    }

    /// <summary>Milliseconds since 1970, as a back end records it too; a moment where a game has done that itself.</summary>
    private static DateTimeOffset GrantedAt(Value recorded)
    {
        const long LastUnixMs = 253_402_300_799_999;
        if (recorded.TryGetTimestamp(out var at))
            return at;
        return recorded.TryGetInt64(out var unixMs) && unixMs is > 0 and <= LastUnixMs ? DateTimeOffset.FromUnixTimeMilliseconds(unixMs) : DateTimeOffset.MinValue;
    }
}
