namespace Savepoint.Hosting.Requests;

/// <summary>What there is to say of a unit beside its mutations.</summary>
public sealed record UnitTerms
{
    /// <summary>Why, for the ledger and the history; at most 64 characters; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>Ties the change to the request that caused it, over all systems; at most 256 characters; null for none.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>From where it is asked for, for the audit log; null where that is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The caller's own name for the request, so that its repetition has the same outcome; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The place of the unit in its batch, where the key is of that; null where it is of the unit alone.</summary>
    public int? BatchPart { get; init; }

    /// <summary>Stands for the content of the request where that holds a time; null for a hash of all of it.</summary>
    public ulong? Fingerprint { get; init; }
}
