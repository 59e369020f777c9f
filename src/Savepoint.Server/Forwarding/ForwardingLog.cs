namespace Savepoint.Server.Forwarding;

internal static partial class ForwardingLog
{
    [LoggerMessage(210, LogLevel.Debug, "Node {Node} at {Address} did not take a request for shard {Shard}; looking for the owner again.")]
    public static partial void Again(ILogger logger, int shard, string node, Uri address);
}
