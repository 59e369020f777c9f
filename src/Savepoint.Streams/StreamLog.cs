using Microsoft.Extensions.Logging;
using Savepoint.Engine;

namespace Savepoint.Streams;

internal static partial class StreamLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Actor} connected as writer {Writer}.")]
    public static partial void Connected(ILogger logger, string actor, Guid writer);

    [LoggerMessage(2, LogLevel.Debug, "{Actor} disconnected: {Reason}")]
    public static partial void Disconnected(ILogger logger, string actor, string reason);

    [LoggerMessage(3, LogLevel.Information, "A connection was refused with {Code}: {Reason}")]
    public static partial void HandshakeRefused(ILogger logger, string code, string reason);

    [LoggerMessage(4, LogLevel.Warning, "{Actor} broke the protocol with {Code}: {Reason}")]
    public static partial void ProtocolBroken(ILogger logger, string actor, string code, string reason);

    [LoggerMessage(5, LogLevel.Error, "The connection of {Actor} failed.")]
    public static partial void Failed(ILogger logger, string actor, Exception exception);

    [LoggerMessage(6, LogLevel.Information, "Draining {Connections} connections with {Sessions} sessions, for {Grace} at most.")]
    public static partial void Draining(ILogger logger, long connections, long sessions, TimeSpan grace);

    [LoggerMessage(9, LogLevel.Debug, "The login session of {Actor} has ended, and its connection with it.")]
    public static partial void LoginEnded(ILogger logger, string actor);

    [LoggerMessage(8, LogLevel.Warning, "{Actor} has another copy of version {Version} of {Entity} than the server, and mends it.")]
    public static partial void ChecksumMismatch(ILogger logger, string actor, EntityKey entity, ulong version);

    [LoggerMessage(7, LogLevel.Information, "Drained; {Sessions} sessions were not ended by their holders.")]
    public static partial void Drained(ILogger logger, long sessions);
}
