using System.ComponentModel.DataAnnotations;

namespace Savepoint.Storage.Postgres;

/// <summary>Where a PostgreSQL database is, and how it is used.</summary>
public class PostgresStoreOptions
{
    /// <summary>
    /// How to connect, as Npgsql reads it: <c>Host=db1;Database=savepoint;Username=savepoint;Password=…</c>. A secret: it is in no log and no message.
    /// Pool sizes and time-outs in it give way to the settings below.
    /// </summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How many connections may read and checkpoint at a time; more wait. One more carries the journal. The default value is 8.</summary>
    [Range(1, 1_000)]
    public int MaxConnections { get; set; } = 8;

    /// <summary>How long a connection may take to open. The default value is 5 seconds; 1 second to 5 minutes.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the server may take for one call before it gives it up. The journal's connection waits a few seconds longer for the word that it was given up;
    /// without it, an append's outcome is unknown. The default value is 10 seconds; 1 second to 10 minutes.
    /// </summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a read that failed for a passing reason is tried again. The default value is 2.</summary>
    [Range(0, 10)]
    public int ReadRetries { get; set; } = 2;

    /// <summary>
    /// How long reads are refused at once after the database has failed to answer several in a row, so that callers hear soon and it can recover.
    /// The default value is 1 second; half a second to 1 minute.
    /// </summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The kinds whose documents get no JSON copy in <c>entities.json</c>. By default none: every kind gets one.</summary>
    public IList<string> KindsWithoutJson { get; private set; } = [];

    /// <summary>
    /// Accepts a server with <c>fsync</c>, <c>full_page_writes</c> or <c>synchronous_commit</c> off, which loses acknowledged changes in a crash.
    /// For tests and benchmarks. The default value is false.
    /// </summary>
    public bool AllowUnsafeDurability { get; set; }

    /// <summary>The same settings for another database.</summary>
    public PostgresStoreOptions For(string connectionString)
    {
        var other = (PostgresStoreOptions)MemberwiseClone();
        other.ConnectionString = connectionString;
        return other;
    }

    /// <summary>The same settings, with more kinds whose documents get no JSON copy.</summary>
    public PostgresStoreOptions WithoutJsonOf(IEnumerable<string> kinds)
    {
        var other = (PostgresStoreOptions)MemberwiseClone();
        other.KindsWithoutJson = [.. KindsWithoutJson.Union(kinds, StringComparer.Ordinal)];
        return other;
    }
}
