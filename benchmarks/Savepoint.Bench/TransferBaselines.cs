namespace Savepoint.Bench;

/// <summary>What the same transfers cost when a back end is written the plain way, on the same database in the same run.</summary>
internal static class TransferBaselines
{
    public static async Task AddAsync(BenchReport report, PrivatePostgres? postgres, TransferSettings settings, double perSecond)
    {
        var (name, baseline) = postgres is null
            ? (SqliteTransfers.Name, SqliteTransfers.Run(settings))
            : (PgbenchTransfers.Name, await PgbenchTransfers.RunAsync(postgres, settings));
        report
            .With("baseline", name, "baseline")
            .With("baselinePerSecond", baseline, "baseline, transfers /s")
            .With("ratio", perSecond / baseline, "ratio");
    }
}
