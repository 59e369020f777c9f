using Npgsql;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Schema;

/// <summary>What a server has to be before anything is entrusted to it.</summary>
internal static class ServerRequirements
{
    private const int OldestVersion = 120_000;

    private const string SelectState = """
        select current_setting('server_version_num')::int, current_setting('server_version'), pg_is_in_recovery(),
               current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')
        """;

    /// <summary>Refuses a server that is too old, only a replica, or would lose what it has acknowledged.</summary>
    /// <returns>What a session commits with.</returns>
    /// <exception cref="StoreException">The server is refused.</exception>
    public static async ValueTask<ServerState> CheckAsync(NpgsqlConnection connection, PostgresStoreOptions options, CancellationToken cancellationToken)
    {
        await using var select = new NpgsqlCommand(SelectState, connection);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        await rows.ReadAsync(cancellationToken);
        var state = new ServerState(rows.GetInt32(0), rows.GetString(1), rows.GetBoolean(2), rows.GetString(3), rows.GetString(4), rows.GetString(5));
        if (Refusal(state, options.AllowUnsafeDurability) is { } refusal)
            throw new StoreException(refusal.Reason, WriteOutcome.NotApplied, refusal.IsTransient);
        return state;
    }

    /// <summary>Why a server is refused; null when it is not.</summary>
    public static (string Reason, bool IsTransient)? Refusal(ServerState state, bool allowUnsafeDurability)
    {
        if (state.Version < OldestVersion)
            return ($"PostgreSQL {state.VersionName} is too old: 12 is the oldest that works.", false);
        if (state.IsReplica)
            return ("This PostgreSQL is a replica and can't be written to: connect to the primary, or promote it.", true);
        return allowUnsafeDurability || state.UnsafeSettings.Count == 0
            ? null
            : ($"PostgreSQL would lose acknowledged changes in a crash: {string.Join(", ", state.UnsafeSettings)}. Set it to on, or set AllowUnsafeDurability where nothing of value is kept.", false);
    }
}

/// <summary>What a server says of itself in a session.</summary>
internal sealed record ServerState(int Version, string VersionName, bool IsReplica, string Fsync, string FullPageWrites, string SynchronousCommit)
{
    /// <summary>
    /// What is off and must not be. <c>local</c> and <c>remote_write</c> are no refusal: they are about replicas, and sessions of the store raise them
    /// (<see cref="SynchronousCommitToSet"/>).
    /// </summary>
    public IReadOnlyList<string> UnsafeSettings =>
    [
        .. new[] { ("fsync", Fsync), ("full_page_writes", FullPageWrites), ("synchronous_commit", SynchronousCommit) }
            .Where(setting => setting.Item2 == "off")
            .Select(setting => $"{setting.Item1} is off"),
    ];

    /// <summary>
    /// What the store's sessions set: <c>on</c>, which nothing that an administrator sets for a role or a database later can take away; but neither less than
    /// <c>remote_apply</c> where that is asked for, nor more than <c>off</c> where that was accepted.
    /// </summary>
    public string SynchronousCommitToSet => SynchronousCommit is "off" or "remote_apply" ? SynchronousCommit : "on";
}
