using Savepoint.Engine.Storage;

namespace Savepoint.Server.Hosting;

internal static partial class HostLog
{
    [LoggerMessage(100, LogLevel.Information, "Starting: opening the database and recovering from its journal.")]
    public static partial void Starting(ILogger logger);

    [LoggerMessage(101, LogLevel.Information, "Ready: database {Database}, {FailedShards} shards not served.")]
    public static partial void Ready(ILogger logger, Guid database, int failedShards);

    [LoggerMessage(102, LogLevel.Information, "Stopping: committing what is queued.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(103, LogLevel.Information, "Stopped; everything is stored.")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(104, LogLevel.Error, "Shard {Shard} is not served: {Reason}")]
    public static partial void ShardFailed(ILogger logger, int shard, string reason);

    [LoggerMessage(105, LogLevel.Error, "The store of the shards {Shards} fails, and their changes are refused: {Reason}")]
    public static partial void StoreFails(ILogger logger, ShardRange shards, string reason);

    [LoggerMessage(106, LogLevel.Information, "The store of the shards {Shards} works again.")]
    public static partial void StoreWorks(ILogger logger, ShardRange shards);

    [LoggerMessage(107, LogLevel.Critical, "The engine has a fault. Please report it: {Fault}")]
    public static partial void EngineFault(ILogger logger, string fault);

    [LoggerMessage(108, LogLevel.Warning, "NOT DURABLE: {Warning} Accepted by Savepoint:Postgres:AllowUnsafeDurability.")]
    public static partial void NotDurable(ILogger logger, string warning);

    [LoggerMessage(109, LogLevel.Critical, "The engine can't go on, and the server stops: {Reason}")]
    public static partial void Broken(ILogger logger, string reason);

    [LoggerMessage(110, LogLevel.Warning, "The state is kept in MEMORY ONLY: everything is lost when this process ends. For benchmarks and development.")]
    public static partial void MemoryOnly(ILogger logger);

    [LoggerMessage(111, LogLevel.Warning, "DEVELOPMENT MODE: anyone on this machine can get a token for any player.")]
    public static partial void Development(ILogger logger);

    [LoggerMessage(112, LogLevel.Information, "Game servers: ws{Address}/stream, secret in {SecretFile}. Admin, over HTTP: secret in {AdminSecretFile}. Players: POST http{Address}/dev/tokens with {{\"userId\":\"alice\"}}. Health: http{Address}/health/ready. Metrics: http{Address}/metrics.")]
    public static partial void WhereToLook(ILogger logger, string address, string secretFile, string adminSecretFile);

    [LoggerMessage(113, LogLevel.Warning, "No player can connect: Savepoint:Tokens:KeysFile is not set, and Savepoint:Accounts:Enabled is false.")]
    public static partial void NoPlayers(ILogger logger);
}
