using System.Net;

namespace Savepoint.Server.NodeAuthentication;

internal static partial class NodeAuthenticationLog
{
    [LoggerMessage(200, LogLevel.Warning, "A call that claims to come from a node was refused ({Verdict}), from {Address}. OutOfTime: compare the clocks of the nodes. Forged: it is of another cluster, or an attack.")]
    public static partial void Refused(ILogger logger, NodeVerdict verdict, IPAddress? address);

    [LoggerMessage(201, LogLevel.Debug, "A call of a node is not for this process, or comes too early ({Verdict}), from {Address}.")]
    public static partial void NotForThis(ILogger logger, NodeVerdict verdict, IPAddress? address);
}
