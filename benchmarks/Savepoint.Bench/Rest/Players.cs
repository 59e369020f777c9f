using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Savepoint.Bench.Rest;

/// <summary>Players with an account and a character each, registered over HTTP as games do it.</summary>
internal sealed class Players(Uri server) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = server };
    private readonly List<(string Token, string Character)> _all = [];

    /// <summary>An answer with a character, as JSON.</summary>
    public string Answer { get; private set; } = "";

    public async Task RegisterAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var session = await PostAsync("/api/v1/session/register", null, new { userName = $"player{i}", password = $"correct horse {i}" });
            var token = session.GetProperty("accessToken").GetString()!;
            var character = await PostAsync("/api/v1/characters", token, new { name = "Tordek", race = "human", @class = "fighter" });
            _all.Add((token, character.GetProperty("id").GetString()!));
            Answer = character.GetRawText();
        }
    }

    /// <summary>The versions of all characters together: each change makes one.</summary>
    public async Task<long> VersionsAsync()
    {
        var sum = 0L;
        foreach (var (token, character) in _all)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/characters/{character}");
            sum += (await SendAsync(request, token)).GetProperty("version").GetInt64();
        }

        return sum;
    }

    /// <summary>Takes hit points and gives them back, without naming a version.</summary>
    public string ChangeScript() => Script(player => $"wrk.format('PATCH', '/api/v1/characters/{player.Character}/stats/hitpoints', {Headers(player.Token)}, '{{\"delta\":-1}}')");

    public string ReadScript() => Script(player => $"wrk.format('GET', '/api/v1/characters/{player.Character}', {Headers(player.Token)})");

    public void Dispose() => _http.Dispose();

    // Each thread goes round all players; the second starts in their middle.
    private string Script(Func<(string Token, string Character), string> request)
    {
        var script = new StringBuilder("local started = 0\nfunction setup(thread) thread:set('first', started) started = started + 1 end\n");
        script.AppendLine("function init(args)\n  requests = {");
        foreach (var player in _all)
            script.Append("    ").Append(request(player)).AppendLine(",");
        script.AppendLine("  }").AppendLine("  at = first * #requests / 2").AppendLine("end");
        script.AppendLine("function request() at = at % #requests + 1 return requests[at] end");
        return script.ToString();
    }

    private static string Headers(string token) => $"{{['Authorization']='Bearer {token}', ['Content-Type']='application/json'}}";

    private Task<JsonElement> PostAsync(string path, string? token, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        return SendAsync(request, token);
    }

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, string? token)
    {
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonDocument.Parse(text).RootElement
            : throw new InvalidOperationException($"{request.RequestUri}: {(int)response.StatusCode} {text}");
    }
}
