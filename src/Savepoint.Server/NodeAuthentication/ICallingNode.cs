namespace Savepoint.Server.NodeAuthentication;

/// <summary>A feature of requests that come from another node, which has proven who it is.</summary>
internal interface ICallingNode
{
    /// <summary>The call.</summary>
    NodeCall Call { get; }
}
