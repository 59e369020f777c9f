using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Server.Proxies;
using Savepoint.Streams;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Configuration;

/// <summary>Finds everything that is wrong with the settings, at once.</summary>
public sealed class SavepointOptionsValidator : IValidateOptions<SavepointOptions>
{
    private const string DefaultNode = "savepoint";

    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, SavepointOptions options)
    {
        var errors = new List<string>();
        Annotations(options, "", errors);
        Annotations(options.Tokens, "Tokens:", errors);
        Annotations(options.Accounts, "Accounts:", errors);
        Annotations(options.Characters, "Characters:", errors);
        Listen(options, errors);
        if (options.Store == StoreKind.Postgres)
            Postgres(options.Postgres, options.Engine.ShardCount, errors);
        Kinds(options, errors);
        Secrets(options, errors);
        AccessKeySource.Validate(options, errors);
        PermissionSource.Validate(options.Permissions, errors);
        Tokens(options.Tokens, errors);
        if (options.Accounts.KeyRotation < TimeSpan.FromHours(1) || options.Accounts.KeyRotation > TimeSpan.FromDays(366))
            Add(errors, "Accounts:KeyRotation", "is between an hour and a year.");
        if (options.Accounts.AccessTokenLifetime > options.Accounts.KeyRotation)
            Add(errors, "Accounts:AccessTokenLifetime", "is longer than KeyRotation: no token may outlive its key.");
        if (options.Accounts.RefreshGrace > options.Accounts.AccessTokenLifetime * 2 / 3)
            Add(errors, "Accounts:RefreshGrace", "is longer than two thirds of AccessTokenLifetime: whoever has copied a refresh token would not be noticed.");
        if (options.Accounts.LockOut > options.Accounts.MaxLockOut)
            Add(errors, "Accounts:LockOut", "is longer than MaxLockOut.");
        Engine(options.Engine, errors);
        Streams(options, errors);
        Proxies(options, errors);
        RateLimits(options.RateLimits, errors);
        if (options.Cluster.Enabled)
            Cluster(options, errors);
        else if (options.Cluster.Role == NodeRole.Gateway)
            Add(errors, "Cluster:Role", "a gateway needs Cluster:Enabled.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Annotations(object options, string prefix, List<string> errors)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        errors.AddRange(results.Select(result => $"{SavepointOptions.Section}:{prefix}{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage}"));
    }

    private static void Listen(SavepointOptions options, List<string> errors)
    {
        if (!IsListenAddress(options.Listen))
            Add(errors, "Listen", $"'{options.Listen}' is no address such as http://127.0.0.1:7350. For TLS put a proxy in front.");
        if (options.ListenHttp2 is not { } http2)
            return;
        if (!IsListenAddress(http2))
            Add(errors, "ListenHttp2", $"'{http2}' is no address such as http://127.0.0.1:7351.");
        else if (http2 == options.Listen && !http2.EndsWith(":0", StringComparison.Ordinal))
            Add(errors, "ListenHttp2", "is the same as Listen: without TLS one port can't take HTTP/1.1 and HTTP/2.");
    }

    private static bool IsListenAddress(string address) =>
        Uri.TryCreate(WithPlainHost(address), UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.AbsolutePath == "/";

    /// <summary>Kestrel takes <c>*</c> and <c>+</c> for all addresses, which are no URI.</summary>
    private static string WithPlainHost(string address) => address.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);

    private static void Cluster(SavepointOptions options, List<string> errors)
    {
        var cluster = options.Cluster;
        Annotations(cluster, "Cluster:", errors);
        if (options.Store != StoreKind.Postgres)
            Add(errors, "Cluster:Enabled", "a cluster shares a PostgreSQL database: set Store=Postgres and Postgres:ConnectionString.");
        if (options.Node == DefaultNode)
            Add(errors, "Node", "is needed in a cluster: a name that no other node has (--node eu-1).");
        Advertised(errors, "AdvertisedAddress", cluster.AdvertisedAddress, "Listen", options.Listen);
        if (cluster.AdvertisedAddress is null && options.Listen.EndsWith(":0", StringComparison.Ordinal))
            Add(errors, "Listen", "needs a port of its own in a cluster: other nodes learn of it before it is taken.");
        if (options.ListenHttp2 is { } http2)
            Advertised(errors, "AdvertisedHttp2Address", cluster.AdvertisedHttp2Address, "ListenHttp2", http2);
        if (cluster.RenewInterval > cluster.LeaseDuration / 3)
            Add(errors, "Cluster:RenewInterval", "is at most a third of LeaseDuration, so that one failure costs no shard.");
    }

    private static void Advertised(List<string> errors, string name, string? advertised, string listenName, string listen)
    {
        if (advertised is not null && (!Uri.TryCreate(advertised, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.AbsolutePath != "/"))
            Add(errors, $"Cluster:{name}", $"'{advertised}' is no address such as http://10.0.0.5:7350.");
        else if (advertised is null && IsWildcard(listen))
            Add(errors, $"Cluster:{name}", $"is needed, since {listenName} ({listen}) does not say where other nodes reach this one.");
    }

    private static bool IsWildcard(string listen) =>
        Uri.TryCreate(WithPlainHost(listen), UriKind.Absolute, out var uri) && uri.Host is "0.0.0.0" or "[::]";

    private static void Postgres(PostgresOptions postgres, int shardCount, List<string> errors)
    {
        Annotations(postgres, "Postgres:", errors);
        if (postgres.Databases.Count > 0)
            Databases(postgres, shardCount, errors);
        else if (string.IsNullOrWhiteSpace(postgres.ConnectionString))
            Add(errors, "Postgres:ConnectionString", "is missing: Host=…;Database=…;Username=…;Password=….");
        Range(errors, "Postgres:ConnectTimeout", postgres.ConnectTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Range(errors, "Postgres:CommandTimeout", postgres.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Range(errors, "Postgres:BreakDuration", postgres.BreakDuration, TimeSpan.FromSeconds(0.5), TimeSpan.FromMinutes(1));
    }

    private static void Databases(PostgresOptions postgres, int shardCount, List<string> errors)
    {
        var ranges = new List<ShardRange>();
        for (var i = 0; i < postgres.Databases.Count; i++)
        {
            var database = postgres.Databases[i];
            if (ShardRange.TryParse(database.Shards, out var range))
                ranges.Add(range);
            else
                Add(errors, $"Postgres:Databases:{i}:Shards", $"'{database.Shards}' is no range of shards such as 0-31.");
            if (string.IsNullOrWhiteSpace(database.ConnectionString))
                Add(errors, $"Postgres:Databases:{i}:ConnectionString", "is missing: Host=…;Database=…;Username=…;Password=….");
            else if (postgres.Databases.Take(i).Any(other => other.ConnectionString == database.ConnectionString))
                Add(errors, $"Postgres:Databases:{i}:ConnectionString", "is that of another one: each range has a database of its own.");
        }

        if (ranges.Count == postgres.Databases.Count && ShardDatabases.FindFault(ranges, shardCount) is { } fault)
            Add(errors, "Postgres:Databases", fault);
        if (!string.IsNullOrWhiteSpace(postgres.ConnectionString))
            Add(errors, "Postgres:ConnectionString", "and Databases exclude each other: remove one of them.");
    }

    private static void Kinds(SavepointOptions options, List<string> errors)
    {
        try
        {
            _ = new KindRegistry(options.Kinds.Select(kind => new Kind { Name = kind }));
        }
        catch (ArgumentException exception)
        {
            Add(errors, "Kinds", exception.Message);
        }
    }

    private static void Secrets(SavepointOptions options, List<string> errors)
    {
        if (options.GameServerSecretsFile is { } file && !File.Exists(file))
        {
            Add(errors, "GameServerSecretsFile", $"there is no file '{file}'.");
            return;
        }

        var secrets = GameServerSecretSource.Read(options);
        if (secrets.Count == 0 && !options.Dev)
            Add(errors, "GameServerSecret", "is missing: set it, or GameServerSecretsFile, or start with --dev.");
        if (secrets.Any(secret => secret.Length < AccessKeys.MinLength))
            Add(errors, "GameServerSecret", $"a secret has at least {AccessKeys.MinLength} characters.");
    }

    private static void Tokens(TokenOptions tokens, List<string> errors)
    {
        if (tokens.KeysFile is null)
            return;
        if (!File.Exists(tokens.KeysFile))
            Add(errors, "Tokens:KeysFile", $"there is no file '{tokens.KeysFile}'.");
        if (string.IsNullOrEmpty(tokens.Issuer))
            Add(errors, "Tokens:Issuer", "is needed with KeysFile.");
        if (string.IsNullOrEmpty(tokens.Audience))
            Add(errors, "Tokens:Audience", "is needed with KeysFile.");
    }

    private static void Engine(EngineOptions engine, List<string> errors)
    {
        Range(errors, "Engine:ShardCount", engine.ShardCount, 1, 4_096);
        Range(errors, "Engine:CheckpointBatchSize", engine.CheckpointBatchSize, 1, 100_000);
        Range(errors, "Engine:CheckpointAttempts", engine.CheckpointAttempts, 1, 1_000);
        Range(errors, "Engine:MaxMutationsPerUnit", engine.MaxMutationsPerUnit, 1, 4_096);
        Range(errors, "Engine:MaxMutationBytes", engine.MaxMutationBytes, 1_024, 64 << 20);
        Range(errors, "Engine:MaxOutcomesPerWriter", engine.MaxOutcomesPerWriter, 1, 1 << 20);
        Range(errors, "Engine:SnapshotEvery", engine.SnapshotEvery, 1, 1_000_000);
        Positive(errors, "Engine:SaveInterval", engine.SaveInterval);
        Positive(errors, "Engine:LoadTimeout", engine.LoadTimeout);
        Positive(errors, "Engine:SessionLease", engine.SessionLease);
        Positive(errors, "Engine:CommitRetry", engine.CommitRetry);
        Positive(errors, "Engine:ReleaseLimit", engine.ReleaseLimit);
        Positive(errors, "Engine:HoldWait", engine.HoldWait);
        Positive(errors, "Engine:PeerTimeout", engine.PeerTimeout);
        Positive(errors, "Engine:UnitTimeout", engine.UnitTimeout);
        Positive(errors, "Engine:InDoubtAfter", engine.InDoubtAfter);
        Positive(errors, "Engine:MaxPublishBackoff", engine.MaxPublishBackoff);
        if (engine.MaxSaveInterval < engine.SaveInterval)
            Add(errors, "Engine:MaxSaveInterval", "is shorter than SaveInterval.");
        if (engine.WriterMemory < TimeSpan.FromMinutes(2))
            Add(errors, "Engine:WriterMemory", "is at least 2 minutes.");
        if (engine.JournalRetention < TimeSpan.FromMinutes(1))
            Add(errors, "Engine:JournalRetention", "is at least 1 minute.");
    }

    private static void Streams(SavepointOptions options, List<string> errors)
    {
        var streams = options.Streams;
        Range(errors, "Streams:Window", streams.Window, 1, options.Engine.MaxOutcomesPerWriter);
        Range(errors, "Streams:MaxFrameBytes", streams.MaxFrameBytes, options.Engine.MaxMutationBytes, 1 << 30);
        Range(errors, "Streams:MaxBatchBytes", streams.MaxBatchBytes, 1_024, 64 << 20);
        Range(errors, "Streams:MaxQueuedBytes", streams.MaxQueuedBytes, 1_024, 1 << 30);
        Range(errors, "Streams:CloseAboveQueuedBytes", streams.CloseAboveQueuedBytes, streams.MaxQueuedBytes, 1 << 30);
        Range(errors, "Streams:MaxGatheredBytes", streams.MaxGatheredBytes, 1_024, streams.MaxQueuedBytes);
        Positive(errors, "Streams:HelloTimeout", streams.HelloTimeout);
        Positive(errors, "Streams:SendTimeout", streams.SendTimeout);
        Positive(errors, "Streams:CloseTimeout", streams.CloseTimeout);
        Positive(errors, "Streams:DefaultSessionWait", streams.DefaultSessionWait);
        if (streams.DrainGrace < TimeSpan.Zero || streams.DrainGrace > TimeSpan.FromMinutes(10))
            Add(errors, "Streams:DrainGrace", "is 0 to 10 minutes.");
    }

    private static void Proxies(SavepointOptions options, List<string> errors)
    {
        for (var i = 0; i < options.TrustedProxies.Count; i++)
        {
            if (!TrustedProxies.TryParse(options.TrustedProxies[i], out _))
                Add(errors, $"TrustedProxies:{i}", $"'{options.TrustedProxies[i]}' is no address or range such as 10.0.0.0/8.");
        }
    }

    private static void RateLimits(RateLimitOptions limits, List<string> errors)
    {
        foreach (var (name, limit) in new[] { ("Address", limits.Address), ("Session", limits.Session), ("Player", limits.Player), ("Key", limits.Key) })
        {
            if (limit.PerSecond is not (>= 0 and <= 1_000_000))
                Add(errors, $"RateLimits:{name}:PerSecond", "is 0, for no limit, to 1000000.");

            // The tokens come back in portions, of a second at most, and what finds no room is lost.
            if (limit.IsOn)
                Range(errors, $"RateLimits:{name}:Burst", limit.Burst, (long)Math.Clamp(Math.Ceiling(limit.PerSecond), 1, 1_000_000), 1_000_000);
        }
    }

    private static void Range(List<string> errors, string name, long value, long least, long most)
    {
        if (value < least || value > most)
            Add(errors, name, $"is {least} to {most}, not {value}.");
    }

    private static void Range(List<string> errors, string name, TimeSpan value, TimeSpan least, TimeSpan most)
    {
        if (value < least || value > most)
            Add(errors, name, $"is {least} to {most}, not {value}.");
    }

    private static void Positive(List<string> errors, string name, TimeSpan value)
    {
        if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            Add(errors, name, "is above 0 and at most a day.");
    }

    private static void Add(List<string> errors, string name, string message) => errors.Add($"{SavepointOptions.Section}:{name}: {message}");
}
