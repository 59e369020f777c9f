using System.Net;
using Savepoint.Cluster;
using Savepoint.Server.NodeAuthentication;
using Yarp.ReverseProxy.Forwarder;

namespace Savepoint.Server.Forwarding;

/// <summary>
/// One attempt to have another node answer a request. It puts on what nodes need from each other, and takes off what is no business of the client's. The host
/// that was asked for stays, so that the owner sees what it would have seen directly.
/// </summary>
internal sealed class ForwardAttempt(ClusterNode target, Uri address, string path, bool hasBody, NodeAuthenticator nodes) : HttpTransformer
{
    private const string ForwardedFor = "X-Forwarded-For", ForwardedProto = "X-Forwarded-Proto", ForwardedHost = "X-Forwarded-Host";

    private NodeCall _call;

    /// <summary>The node did not look at the request: it is another process than the one that was meant, or it serves nothing at present.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>The answer does not prove that the node has given it: somebody else has, or the web server itself, when the node failed at its work.</summary>
    public bool IsUnproven { get; private set; }

    /// <summary>The node has served the request, and another one owns the shard.</summary>
    public bool IsNoOwner { get; private set; }

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);

        // Signed and sent exactly as it came: nobody spells an escape differently on the way.
        proxyRequest.RequestUri = new Uri(address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var client = httpContext.Connection.RemoteIpAddress?.ToString();
        (_call, var header) = nodes.Sign(target.Id, proxyRequest.Method.Method, path, client);
        Add(proxyRequest, NodeHeaders.Call, header);
        proxyRequest.Headers.Remove(NodeHeaders.Client);
        if (client is not null)
            proxyRequest.Headers.TryAddWithoutValidation(NodeHeaders.Client, client);

        // The body waits until the other side asks for it: an attempt that fails before leaves it whole for the next.
        if (hasBody)
            proxyRequest.Headers.ExpectContinue = true;
        Add(proxyRequest, ForwardedFor, Joined(httpContext.Request.Headers[ForwardedFor].ToString(), httpContext.Connection.RemoteIpAddress));
        Add(proxyRequest, ForwardedProto, httpContext.Request.Scheme);
        Add(proxyRequest, ForwardedHost, httpContext.Request.Host.Value ?? "");
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var proof = proxyResponse.Headers.TryGetValues(NodeHeaders.Proof, out var values) ? string.Join(',', values) : null;
        IsRefused = proxyResponse.Headers.Contains(NodeHeaders.Refused);
        IsUnproven = !IsRefused && !nodes.IsProof(_call, proof);
        if (IsRefused || IsUnproven)
            return false;

        proxyResponse.Headers.Remove(NodeHeaders.Proof);

        IsNoOwner = proxyResponse.Headers.Remove(NodeHeaders.NotOwner);
        var isForClient = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        if (isForClient && IsStream(httpContext, proxyResponse))
            await httpContext.Response.Body.FlushAsync(cancellationToken);
        return isForClient;
    }

    /// <summary>Whoever streams may wait for the headers before it sends more. An answer that is nothing but its status ends with its headers, and has to.</summary>
    private static bool IsStream(HttpContext context, HttpResponseMessage response) =>
        HttpProtocol.IsHttp2(context.Request.Protocol) && response.Version.Major == 2 && response.Content.Headers.ContentLength is null && !response.Headers.Contains("grpc-status");

    private static string Joined(string before, IPAddress? address) => before.Length == 0 ? $"{address}" : $"{before}, {address}";

    /// <summary>What a client claims of protocol and host gives way to what this node has seen.</summary>
    private static void Add(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }
}
