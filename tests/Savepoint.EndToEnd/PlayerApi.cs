using Savepoint.Server.Tests.Accounts;

namespace Savepoint.EndToEnd;

/// <summary>What a player's game asks of a server's accounts.</summary>
internal sealed class PlayerApi : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(40) };

    public void Dispose() => _http.Dispose();

    public Task<Answer> RegisterAsync(Uri node, string userName, string password = "correct horse 7", string? key = null) =>
        SendAsync(HttpMethod.Post, node, "session/register", new { userName, password }, null, key);

    public Task<Answer> LogInAsync(Uri node, string userName, string password = "correct horse 7") =>
        SendAsync(HttpMethod.Post, node, "session/login", new { userName, password });

    public Task<Answer> RefreshAsync(Uri node, string refreshToken) => SendAsync(HttpMethod.Post, node, "session/refresh", new { refreshToken });

    public Task<Answer> WhoAmIAsync(Uri node, string token) => SendAsync(HttpMethod.Get, node, "session", null, token);

    public Task<Answer> SendAsync(HttpMethod method, Uri node, string path, object? body = null, string? token = null, string? key = null) =>
        Answer.AskAsync(_http, method, new Uri(node, "/api/v1/" + path), body, token, key is null ? [] : [("Idempotency-Key", key)]);
}
