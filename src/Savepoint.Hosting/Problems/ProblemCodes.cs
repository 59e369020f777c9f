namespace Savepoint.Hosting.Problems;

/// <summary>
/// The codes that only HTTP requests are answered with (docs/reference/errors.md), beside those of every request (<see cref="Savepoint.Protocol.ErrorCodes"/>). They
/// never change their meaning.
/// </summary>
public static class ProblemCodes
{
    /// <summary>There is no endpoint at the address.</summary>
    public const string NoSuchEndpoint = "request.no_such_endpoint";

    /// <summary>The endpoint does not take the method.</summary>
    public const string MethodNotAllowed = "request.method_not_allowed";

    /// <summary>The request has to say which version it expects.</summary>
    public const string PreconditionRequired = "request.precondition_required";

    /// <summary>The body is larger than the endpoint takes.</summary>
    public const string BodyTooLarge = "request.body_too_large";

    /// <summary>The body is of a type that the endpoint does not take.</summary>
    public const string UnsupportedMediaType = "request.unsupported_media_type";

    /// <summary>The address or the user has sent more requests than it may. Nothing was done; try again after <c>Retry-After</c>.</summary>
    public const string RateLimited = "request.rate_limited";

    /// <summary>The shard has no owner at present. Nothing was done; try again.</summary>
    public const string NoOwner = "cluster.no_owner";

    /// <summary>The owner of the shard can't be reached. Nothing was done; try again.</summary>
    public const string OwnerUnreachable = "cluster.owner_unreachable";

    /// <summary>The owner of the shard takes no HTTP/2: it has no <c>ListenHttp2</c>.</summary>
    public const string NoHttp2 = "cluster.no_http2";

    /// <summary>The routing hint is empty or too long.</summary>
    public const string BadRoute = "cluster.bad_route";

    /// <summary>Between nodes: the call is meant for another process.</summary>
    public const string WrongNode = "cluster.wrong_node";

    /// <summary>Between nodes: the node serves nothing yet, or no more.</summary>
    public const string NotReady = "cluster.not_ready";

    /// <summary>Between nodes: the header is forged, old, or used twice.</summary>
    public const string NodeNotGenuine = "cluster.node_not_genuine";
}
