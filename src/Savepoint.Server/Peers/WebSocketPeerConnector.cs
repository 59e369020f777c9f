using System.Net.WebSockets;
using Savepoint.Cluster;
using Savepoint.Protocol.Duplex;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Peers;

/// <summary>
/// Opens links to other nodes over WebSockets. 1: the request is signed for the process that is meant. 2: the answer has to bring that process's proof, so
/// whoever has taken over its address is noticed. Whether the other side still lives is for the link to find out.
/// </summary>
internal sealed class WebSocketPeerConnector(NodeAuthenticator nodes, TimeProvider time) : IPeerConnector
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async ValueTask<IFrameDuplex> ConnectAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        var socket = new ClientWebSocket();
        try
        {
            return await ConnectAsync(socket, node, either.Token);
        }
        catch (Exception exception) when (exception is WebSocketException or HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException($"Node {node.Name} at {node.Address} can't be reached: {(late.IsCancellationRequested ? "it does not answer" : exception.Message)}", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<IFrameDuplex> ConnectAsync(ClientWebSocket socket, ClusterNode node, CancellationToken cancellationToken)
    {
        var (call, header) = nodes.Sign(node.Id, HttpMethods.Get, PeerEndpoint.Path);
        socket.Options.SetRequestHeader(NodeHeaders.Call, header);
        socket.Options.AddSubProtocol(PeerEndpoint.SubProtocol);
        socket.Options.Proxy = null;
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(new UriBuilder(node.Address) { Scheme = node.Address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = PeerEndpoint.Path }.Uri, cancellationToken);
        var proof = socket.HttpResponseHeaders is { } headers && headers.TryGetValue(NodeHeaders.Proof, out var values) ? string.Join(",", values) : null;
        if (!nodes.IsProof(call, proof))
            throw new IOException($"What answers at {node.Address} is not node {node.Name}.");
        socket.HttpResponseHeaders = null;
        return new WebSocketDuplex(socket, PeerEndpoint.MaxFrameBytes);
    }
}
