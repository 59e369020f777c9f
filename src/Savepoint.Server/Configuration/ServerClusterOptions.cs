using System.ComponentModel.DataAnnotations;

namespace Savepoint.Server.Configuration;

/// <summary>This server's place in a cluster: several that share the shards of one database.</summary>
public sealed class ServerClusterOptions
{
    /// <summary>Whether the server shares its database with others. The default value is false.</summary>
    public bool Enabled { get; set; }

    /// <summary>What the node does. The default value is <c>Node</c>.</summary>
    [EnumDataType(typeof(NodeRole))]
    public NodeRole Role { get; set; } = NodeRole.Node;

    /// <summary>Where other nodes reach this one: <c>http://10.0.0.5:7350</c>. By default <c>Listen</c>, if that names one address.</summary>
    public string? AdvertisedAddress { get; set; }

    /// <summary>Where other nodes reach <c>ListenHttp2</c>. By default <c>ListenHttp2</c>, if that names one address.</summary>
    public string? AdvertisedHttp2Address { get; set; }

    /// <summary>How long a node owns its shards without renewing. A crashed or paused node is replaced after this time. The default value is 5 seconds; the same on all nodes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a node renews, and looks at what the others do. The default value is 1 second; at most a third of the lease.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:00:20")]
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a request waits for its shard's owner before it is refused. The default value is 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ForwardTimeout { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a node does.</summary>
public enum NodeRole
{
    /// <summary>Owns shards and serves clients.</summary>
    Node,

    /// <summary>Serves clients and owns nothing.</summary>
    Gateway,
}
