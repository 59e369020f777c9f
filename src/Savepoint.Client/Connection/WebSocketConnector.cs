using System.Net.WebSockets;
using Savepoint.Protocol.Duplex;

namespace Savepoint.Client;

/// <summary>Connects to a server's stream over a WebSocket.</summary>
internal static class WebSocketConnector
{
    public static async Task<IFrameDuplex> ConnectAsync(Uri endpoint, int maxFrameBytes, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(WebSocketDuplex.SubProtocol);
            await socket.ConnectAsync(endpoint, cancellationToken);
            return new WebSocketDuplex(socket, maxFrameBytes);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
