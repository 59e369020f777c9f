using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Tokens;
using Savepoint.Modules.Accounts;
using Savepoint.Modules.Characters;
using Savepoint.Modules.DataRights;
using Savepoint.Modules.DataRights.Bulk;
using Savepoint.Modules.Economy;
using Savepoint.Modules.Profiles;
using Savepoint.Server.ApiPages;
using Savepoint.Server.ClusterApi;
using Savepoint.Server.Composition;
using Savepoint.Server.Configuration;
using Savepoint.Server.Development;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Health;
using Savepoint.Server.Metrics;
using Savepoint.Server.Proxies;
using Savepoint.Server.RateLimits;
using Savepoint.Server.Streaming;
using Savepoint.Storage.Sqlite;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Server.Hosting;

/// <summary>Puts the server together.</summary>
public static class SavepointApplication
{
    private const int MaxRequestBodyBytes = 64 << 10;
    private const int MaxRequestHeaders = 64, MaxRequestHeadersBytes = 32 << 10;

    // What nodes add when they send a request on.
    private const int MaxHeadersOfNodes = 16, MaxHeadersBytesOfNodes = 4 << 10;

    private static readonly TimeSpan TimeToSendHeaders = TimeSpan.FromSeconds(15);
    private static readonly MinDataRate SlowestBody = new(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(10));
    private static readonly TimeSpan TimeToStop = TimeSpan.FromMinutes(2);

    /// <summary>Reads the settings and builds the server; it does not listen yet.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="adjust">Changes what was put together, for tests.</param>
    /// <param name="configure">Adds a game's own parts, as its kinds; null for none.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The settings are wrong; it lists everything that is.</exception>
    /// <exception cref="FormatException">An argument is unknown.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? adjust = null, Action<SavepointBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(CommandLine.ToSettings(args));
        adjust?.Invoke(builder);
        var options = SavepointConfiguration.Load(builder.Configuration);

        Log(builder.Logging, options);
        Listen(builder, options);
        var savepoint = builder.Services.AddSavepoint(options);
        configure?.Invoke(savepoint);
        Use(savepoint, options);
        savepoint.AddProfiles().AddDataRights().AddBulkEdits().AddCharacters(options.Characters);
        if (options.Accounts.Enabled)
            savepoint.AddAccounts(options.Accounts);
        builder.Services.TryAddSingleton<ILoginSessions>(NoLoginSessions.Instance);
        if (options.OpenApi)
            builder.Services.AddApiDescription();

        var app = builder.Build();
        CheckPermissions(app);
        app.UseProblems();
        if (options.Cluster.Enabled)
        {
            app.UseNodeCalls();
            app.UseClientHeaderLimit(MaxRequestHeaders, MaxRequestHeadersBytes);
        }

        app.UseTrustedProxies(options);
        app.UseAddressLimits();
        app.UseBodyLimits();
        if (options.Cluster.Enabled)
            app.UseOwnerRouting();
        app.UseHttpPrincipals();
        app.UsePrincipalLimits();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.KeepAliveInterval, KeepAliveTimeout = options.KeepAliveTimeout });
        app.MapSavepointHealth();
        app.MapSavepointMetrics();
        app.MapPlayerKeys();
        app.MapSavepointStream();
        app.MapProfiles();
        app.MapDataRights();
        app.MapBulkEdits();
        app.MapEconomy();
        app.MapCharacters();
        if (options.Accounts.Enabled)
            app.MapAccounts();
        if (options.OpenApi)
            app.MapApiPages();
        if (options.Cluster.Enabled)
        {
            app.MapInternal();
            app.MapCluster();
        }

        if (options.Dev)
            app.MapDevelopmentTokens();
        Announce(app, options);
        return app;
    }

    /// <summary>Only now it is known which kinds there are.</summary>
    private static void CheckPermissions(WebApplication app)
    {
        try
        {
            _ = app.Services.GetRequiredService<IAuthorizer>();
        }
        catch (ArgumentException exception)
        {
            throw new OptionsValidationException(SavepointOptions.Section, typeof(SavepointOptions), [$"{SavepointOptions.Section}:Permissions: {exception.Message}"]);
        }
    }

    private static void Use(SavepointBuilder savepoint, SavepointOptions options) => _ = options.Store switch
    {
        StoreKind.Memory => savepoint.UseMemory(),
        StoreKind.Postgres when options.Postgres.Databases.Count > 0 => savepoint.UsePostgres(options.Postgres.ForEach()),
        StoreKind.Postgres => savepoint.UsePostgres(options.Postgres),
        _ => savepoint.UseSqlite(new SqliteStoreOptions { Path = Path.Combine(options.DataPath, "savepoint.db") }),
    };

    private static void Log(ILoggingBuilder logging, SavepointOptions options)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

        // It has nothing to say at this level, and where it might, each request gets a scope and an activity: 2 µs.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (options.Dev)
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
            return;
        }

        logging.AddJsonConsole(console =>
        {
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
    }

    private static void Listen(WebApplicationBuilder builder, SavepointOptions options)
    {
        if (options.ListenHttp2 is null)
            builder.WebHost.UseUrls(options.Listen);
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            if (options.ListenHttp2 is { } http2)
            {
                kestrel.Listen(options.Listen, HttpProtocols.Http1);
                kestrel.Listen(http2, HttpProtocols.Http2);
            }

            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
            kestrel.Limits.MaxConcurrentUpgradedConnections = options.MaxConnections;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodyBytes;

            // Whoever is slower than that holds a connection for nothing: a bad mobile network gives several times as much.
            kestrel.Limits.RequestHeadersTimeout = TimeToSendHeaders;
            kestrel.Limits.MinRequestBodyDataRate = SlowestBody;
            kestrel.Limits.MinResponseDataRate = SlowestBody;
            kestrel.Limits.MaxRequestHeaderCount = MaxRequestHeaders + (options.Cluster.Enabled ? MaxHeadersOfNodes : 0);
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxRequestHeadersBytes + (options.Cluster.Enabled ? MaxHeadersBytesOfNodes : 0);
        });

        // The host's patience: clients drain, then the engine writes its last checkpoint. What is committed is safe in any case.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Streams.DrainGrace + TimeToStop);
    }

    private static void Announce(WebApplication app, SavepointOptions options)
    {
        if (options.Store == StoreKind.Memory)
            HostLog.MemoryOnly(app.Logger);
        if (options.Dev)
            HostLog.Development(app.Logger);
        else if (options.Tokens.KeysFile is null && !options.Accounts.Enabled)
            HostLog.NoPlayers(app.Logger);
        if (!options.Dev)
            return;

        var keys = app.Services.GetRequiredService<DevelopmentKeys>();
        app.Lifetime.ApplicationStarted.Register(() => HostLog.WhereToLook(app.Logger, app.Urls.First()["http".Length..], Path.GetFullPath(keys.SecretFile), Path.GetFullPath(keys.AdminSecretFile)));
    }
}
