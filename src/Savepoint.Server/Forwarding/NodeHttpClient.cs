using System.Net;

namespace Savepoint.Server.Forwarding;

/// <summary>The connections that requests are forwarded over. It follows nothing, decompresses nothing, and knows no proxy: bytes go through as they are.</summary>
internal sealed class NodeHttpClient : IDisposable
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(5);

    public HttpMessageInvoker Invoker { get; } = new(
        new SentOnce(new SocketsHttpHandler
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
        }),
        disposeHandler: true);

    public void Dispose() => Invoker.Dispose();

    /// <summary>
    /// Has no change sent twice. A request without any content that comes to nothing on a connection that was used before is sent again over a new one by
    /// itself, and fails there as if it had never been sent when its node has died over it. One with content, even with none of it, is not.
    /// </summary>
    private sealed class SentOnce(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head && request.Method != HttpMethod.Connect)
                request.Content ??= new ByteArrayContent([]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
