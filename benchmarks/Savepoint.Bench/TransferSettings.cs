namespace Savepoint.Bench;

/// <summary>The published workload of SpacetimeDB's keynote benchmark: transfers between two of many accounts, from many connections.</summary>
internal sealed record TransferSettings(int Clients, int Pipeline, int Accounts, double Alpha, int Seconds)
{
    /// <summary>Whether both accounts are of one shard, as most that belongs to one user is.</summary>
    public bool WithinShards { get; init; }
}

/// <summary>What the clients' process reports.</summary>
internal sealed record TransferResult(long Transfers, double Seconds, double P50Ms, double P99Ms, long Total, double CpuSeconds, string? Failure);
