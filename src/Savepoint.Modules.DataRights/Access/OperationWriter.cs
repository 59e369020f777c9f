using Savepoint.Streams.Requests;

namespace Savepoint.Modules.DataRights;

/// <summary>Numbers the units of one operation, which makes them one after the other.</summary>
/// <param name="actor">Who does it, for the history.</param>
/// <param name="reason">Why, for the history; null for nothing.</param>
internal sealed class OperationWriter(string actor, string? reason)
{
    private long _last;

    public Guid Id { get; init; } = Guid.NewGuid();

    /// <summary>Stands for what its only unit asks for, where the id is made of an idempotency key; 0 for none.</summary>
    public ulong Fingerprint { get; init; }

    public string Actor => actor;

    public string? Reason { get; } = UnitReason.Shorten(reason);

    public long Next() => ++_last;
}
