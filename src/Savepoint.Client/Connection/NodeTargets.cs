namespace Savepoint.Client;

/// <summary>Which servers the options let the client connect to.</summary>
internal sealed class NodeTargets
{
    private readonly bool _needsTls;

    public NodeTargets(SavepointClientOptions options)
    {
        Uri[] endpoints = options.Endpoint is { } endpoint ? [endpoint] : [.. options.Endpoints];
        Seeds = options.Connect is null ? Turned(endpoints, options.Random) : [NodeTarget.Seed(null)];
        IsDirect = options is { DirectConnections: true, Credentials: GameServerCredentials } && (options.Connect is null || options.ConnectTo is not null);
        _needsTls = endpoints.Length > 0 && endpoints.All(static seed => seed.Scheme == "wss");
    }

    /// <summary>The servers that the options name, in an order of this client's own, so that clients spread over them.</summary>
    public IReadOnlyList<NodeTarget> Seeds { get; }

    /// <summary>Whether to connect to the nodes of the shard map.</summary>
    public bool IsDirect { get; }

    /// <summary>The address of a node, if the client may connect to it: never without TLS where all that the options name is with it.</summary>
    public Uri? Find(string address) =>
        IsDirect && Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == "wss" || (uri.Scheme == "ws" && !_needsTls)) ? uri : null;

    private static List<NodeTarget> Turned(Uri[] endpoints, Random random)
    {
        int first;
        lock (random)
            first = endpoints.Length > 1 ? random.Next(endpoints.Length) : 0;
        return [.. endpoints.Skip(first).Concat(endpoints.Take(first)).Select(NodeTarget.Seed)];
    }
}
