using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Savepoint.EndToEnd;

/// <summary>What a player's game asks of a server's accounts.</summary>
internal sealed class PlayerApi : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(40) };

    public void Dispose() => _http.Dispose();

    public Task<PlayerAnswer> RegisterAsync(Uri node, string userName, string password = "correct horse 7", string? key = null) =>
        SendAsync(HttpMethod.Post, node, "session/register", new { userName, password }, null, key);

    public Task<PlayerAnswer> LogInAsync(Uri node, string userName, string password = "correct horse 7") =>
        SendAsync(HttpMethod.Post, node, "session/login", new { userName, password });

    public Task<PlayerAnswer> RefreshAsync(Uri node, string refreshToken) => SendAsync(HttpMethod.Post, node, "session/refresh", new { refreshToken });

    public Task<PlayerAnswer> WhoAmIAsync(Uri node, string token) => SendAsync(HttpMethod.Get, node, "session", null, token);

    public async Task<PlayerAnswer> SendAsync(HttpMethod method, Uri node, string path, object? body = null, string? token = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(node, "/api/v1/" + path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new PlayerAnswer((int)response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }
}

internal sealed record PlayerAnswer(int Status, JsonObject Body)
{
    public string UserId => Text("userId");

    public string AccessToken => Text("accessToken");

    public string RefreshToken => Text("refreshToken");

    public string Code => Text("code");

    public PlayerAnswer ShouldBe(int status)
    {
        Status.ShouldBe(status, Body.ToJsonString());
        return this;
    }

    private string Text(string name) => Body[name]!.GetValue<string>();
}
