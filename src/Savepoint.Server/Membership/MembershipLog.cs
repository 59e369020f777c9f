using Savepoint.Server.Configuration;

namespace Savepoint.Server.Membership;

internal static partial class MembershipLog
{
    [LoggerMessage(220, LogLevel.Information, "Joined the cluster as '{Node}' at {Address} (process {Id}, {Role}).")]
    public static partial void Joined(ILogger logger, string node, Uri address, Guid id, NodeRole role);

    [LoggerMessage(221, LogLevel.Warning, "{Shards} shards have no owner yet; the others are served.")]
    public static partial void NotAllOwned(ILogger logger, int shards);

    [LoggerMessage(222, LogLevel.Information, "Leaving the cluster: handing {Shards} shards over.")]
    public static partial void Leaving(ILogger logger, int shards);

    [LoggerMessage(223, LogLevel.Information, "Left the cluster in {Took}.")]
    public static partial void Left(ILogger logger, TimeSpan took);

    [LoggerMessage(224, LogLevel.Warning, "The lease can't be renewed at present: {Reason}")]
    public static partial void RenewalFails(ILogger logger, string reason);

    [LoggerMessage(225, LogLevel.Information, "The lease is renewed again.")]
    public static partial void RenewalWorks(ILogger logger);

    [LoggerMessage(226, LogLevel.Warning, "This node stood still for longer than its lease, or another process took its place. It has dropped all shards, and joins again.")]
    public static partial void Displaced(ILogger logger);

    [LoggerMessage(227, LogLevel.Warning, "{Count} shards are other nodes' by now, and were dropped.")]
    public static partial void Dropped(ILogger logger, int count);

    [LoggerMessage(228, LogLevel.Debug, "Shard {Shard} is served here, under term {Term}.")]
    public static partial void Taken(ILogger logger, int shard, long term);

    [LoggerMessage(229, LogLevel.Warning, "Shard {Shard} could not be taken ({Outcome}): {Reason}")]
    public static partial void NotTaken(ILogger logger, int shard, Engine.Ownership.TakeOutcome outcome, string? reason);

    [LoggerMessage(230, LogLevel.Debug, "Shard {Shard} was handed over to {Node}; nobody served it for {Pause} at most.")]
    public static partial void HandedOver(ILogger logger, int shard, string node, TimeSpan pause);

    [LoggerMessage(231, LogLevel.Information, "Shard {Shard} is not handed over to {Node} yet: {Reason}")]
    public static partial void HandOverFailed(ILogger logger, int shard, string node, string reason);

    [LoggerMessage(232, LogLevel.Information, "Nodes: {Nodes}.")]
    public static partial void Members(ILogger logger, string nodes);

    [LoggerMessage(233, LogLevel.Debug, "The link with node {Node} has ended: {Reason}")]
    public static partial void LinkEnded(ILogger logger, string node, string reason);

    [LoggerMessage(234, LogLevel.Information, "{Refusal} It may have just died: waiting until its lease would be over.")]
    public static partial void Waiting(ILogger logger, string refusal);
}
