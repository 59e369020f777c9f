namespace Savepoint.Modules.DataRights;

/// <summary>Numbers the units of one operation, which makes them one after the other.</summary>
/// <param name="actor">Who does it, for the history.</param>
/// <param name="reason">Why, for the history; null for nothing.</param>
internal sealed class OperationWriter(string actor, string? reason)
{
    private const int MaxReasonLength = 64;

    private long _last;

    public Guid Id { get; } = Guid.NewGuid();

    public string Actor => actor;

    public string? Reason => reason is { Length: > MaxReasonLength } ? reason[..MaxReasonLength] : reason;

    public long Next() => ++_last;
}
