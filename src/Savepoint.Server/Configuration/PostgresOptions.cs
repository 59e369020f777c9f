using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Server.Configuration;

/// <summary>The PostgreSQL database where the state is kept, or several, which share all other settings.</summary>
public sealed class PostgresOptions : PostgresStoreOptions
{
    /// <summary>Several databases in place of the one of <see cref="PostgresStoreOptions.ConnectionString"/>. By default none.</summary>
    public IList<PostgresDatabaseOptions> Databases { get; } = [];

    /// <summary>The shards and the settings of each database.</summary>
    internal IReadOnlyList<(ShardRange Shards, PostgresStoreOptions Options)> ForEach() =>
        [.. Databases.Select(database => (ShardRange.TryParse(database.Shards, out var shards) ? shards : default, For(database.ConnectionString)))];
}

/// <summary>One of several databases.</summary>
public sealed class PostgresDatabaseOptions
{
    /// <summary>The shards that it holds: <c>0-31</c>.</summary>
    public string Shards { get; set; } = "";

    /// <summary>How to connect; see <see cref="PostgresStoreOptions.ConnectionString"/>.</summary>
    public string ConnectionString { get; set; } = "";
}
