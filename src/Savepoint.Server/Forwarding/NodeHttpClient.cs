using System.Net;

namespace Savepoint.Server.Forwarding;

/// <summary>The connections that requests are forwarded over. It follows nothing, decompresses nothing, and knows no proxy: bytes go through as they are.</summary>
internal sealed class NodeHttpClient : IDisposable
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    public HttpMessageInvoker Invoker { get; } = new(
        new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),

            // How long a body waits for the other side to ask for it.
            Expect100ContinueTimeout = TimeSpan.FromSeconds(10),

            // A paused node keeps its connections open and answers nothing.
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            KeepAlivePingDelay = SignOfLife,
            KeepAlivePingTimeout = SignOfLife,
        },
        disposeHandler: true);

    public void Dispose() => Invoker.Dispose();
}
