using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>What a server answered.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">What came as JSON; without properties where nothing came.</param>
/// <param name="RetryAfter">When to come again, where it said so.</param>
internal sealed record Answer(int Status, JsonObject Body, TimeSpan? RetryAfter)
{
    public string Code => Text("code");

    public string UserId => Text("userId");

    public string SessionId => Text("sessionId");

    public string AccessToken => Text("accessToken");

    public string RefreshToken => Text("refreshToken");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Asks with a secret or a player's token; a body that is not content already goes as JSON.</summary>
    public static async Task<Answer> AskAsync(HttpClient http, HttpMethod method, Uri address, object? body = null, string? token = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        using var response = await http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return new Answer((int)response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), response.Headers.RetryAfter?.Delta);
    }

    public string Text(string name) => Body[name]!.GetValue<string>();

    public Answer ShouldBe(int status, string? code = null)
    {
        Status.ShouldBe(status, Body.ToJsonString());
        if (code is not null)
            Code.ShouldBe(code);
        return this;
    }
}
