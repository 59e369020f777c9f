using System.Globalization;
using Npgsql;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Connections;

/// <summary>Makes connection strings from the options: how to connect comes from the user, how our sessions behave from here.</summary>
internal sealed class ConnectionSettings
{
    private const string ApplicationName = "savepoint";

    // How much longer the client waits than the server works, so that it is the server that gives up and says so.
    private static readonly TimeSpan TimeForTheWordThatItWasGivenUp = TimeSpan.FromSeconds(5);

    // A peer that is gone without a word is found within 30 seconds on either side: the server's transaction ends and lets its locks go.
    private const int KeepAliveSeconds = 15, KeepAliveIntervalSeconds = 5;

    // Given when the session starts, so that they stand above the settings of the role, the database and the server, and a reset brings them back.
    private static readonly string[] SessionSettings =
    [
        // An append's conditions hold only if each of its statements sees what was committed before it.
        @"default_transaction_isolation=read\ committed",
        "default_transaction_read_only=off",
        // Every statement of ours goes by an index. Plans are made while the tables are empty and kept: without this some would read whole tables.
        "enable_seqscan=off",
        "enable_bitmapscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
        // Planning anew for each array of parameters copies them again and again.
        "plan_cache_mode=force_generic_plan",
        "jit=off",
        "client_min_messages=warning",
        $"tcp_keepalives_idle={KeepAliveSeconds}",
        $"tcp_keepalives_interval={KeepAliveIntervalSeconds}",
        "tcp_keepalives_count=3",
    ];

    private readonly PostgresStoreOptions _options;
    private readonly string? _synchronousCommit;

    /// <param name="options">The options.</param>
    /// <param name="synchronousCommit">What to raise <c>synchronous_commit</c> to; null to leave it.</param>
    public ConnectionSettings(PostgresStoreOptions options, string? synchronousCommit)
    {
        _options = options;
        _synchronousCommit = synchronousCommit;
    }

    /// <summary>For the journal: one connection that is kept.</summary>
    /// <remarks>
    /// It does not wait for the word that a late call was cancelled: that may come from an append that is in, but that the server has stopped
    /// replicating, and it would look like success.
    /// </remarks>
    public string Journal => ForSessions(pooling: false, cancellationTimeoutMs: -1).ConnectionString;

    /// <summary>For everything else: a pool.</summary>
    public string Pool => ForSessions(pooling: true, (int)TimeForTheWordThatItWasGivenUp.TotalMilliseconds).ConnectionString;

    /// <summary>Only what is needed of Npgsql, so that the rest can be trimmed away.</summary>
    public static NpgsqlDataSource Source(string connectionString) => Builder(connectionString).Build();

    /// <summary>As <see cref="Source(string)"/>, with a look at each server that is connected to.</summary>
    public static NpgsqlDataSource Source(string connectionString, Func<NpgsqlConnection, Task> look) =>
        Builder(connectionString)
            .UsePhysicalConnectionInitializer(static _ => throw new NotSupportedException("Connections are opened asynchronously."), look)
            .Build();

    /// <summary>For looking at the server as its administrator has set it, before anything else.</summary>
    public static NpgsqlConnectionStringBuilder Plain(PostgresStoreOptions options)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(options.ConnectionString)
            {
                ApplicationName = ApplicationName,
                Pooling = false,
                Timeout = Seconds(options.ConnectTimeout),
                CommandTimeout = Seconds(options.CommandTimeout),
                Enlist = false,
                PersistSecurityInfo = false,
                IncludeErrorDetail = false,
            };
        }
        catch (ArgumentException)
        {
            // Its message names the piece that can't be read, and that may be a piece of the password.
            throw new StoreException(
                "The connection string of PostgreSQL can't be read. It looks like Host=…;Database=…;Username=…;Password=…; a value with ; or = in it stands in quotes.",
                WriteOutcome.NotApplied,
                isTransient: false);
        }
    }

    private static NpgsqlSlimDataSourceBuilder Builder(string connectionString) =>
        new NpgsqlSlimDataSourceBuilder(connectionString).EnableArrays().EnableTransportSecurity();

    private NpgsqlConnectionStringBuilder ForSessions(bool pooling, int cancellationTimeoutMs)
    {
        var builder = Plain(_options);
        builder.Pooling = pooling;
        builder.MinPoolSize = 0;
        builder.MaxPoolSize = _options.MaxConnections;
        builder.MaxAutoPrepare = 32;
        builder.AutoPrepareMinUsages = 2;
        builder.NoResetOnClose = true; // Nothing of ours changes a session.
        if (!IsSocketFile(builder))
        {
            builder.TcpKeepAlive = true;
            builder.TcpKeepAliveTime = KeepAliveSeconds;
            builder.TcpKeepAliveInterval = KeepAliveIntervalSeconds;
        }

        builder.CommandTimeout = Seconds(_options.CommandTimeout + TimeForTheWordThatItWasGivenUp);
        builder.CancellationTimeout = cancellationTimeoutMs;
        builder.Options = string.Join(' ', AllSessionSettings().Select(setting => $"-c {setting}").Prepend(builder.Options ?? ""));
        return builder;
    }

    private IEnumerable<string> AllSessionSettings()
    {
        var milliseconds = ((long)_options.CommandTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return _synchronousCommit is null
            ? SessionSettings.Append($"statement_timeout={milliseconds}")
            : SessionSettings.Append($"statement_timeout={milliseconds}").Append($"synchronous_commit={_synchronousCommit}");
    }

    // A socket in the file system or, with @, in Linux's abstract namespace knows no keepalives, and connecting with them fails. One in a list leaves the others without.
    private static bool IsSocketFile(NpgsqlConnectionStringBuilder builder) =>
        builder.Host?.Split(',', StringSplitOptions.TrimEntries).Any(host => System.IO.Path.IsPathRooted(host) || host.StartsWith('@')) ?? false;

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}
