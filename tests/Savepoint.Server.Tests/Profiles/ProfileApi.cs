using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

/// <summary>Speaks to the API as somebody.</summary>
internal sealed class ProfileApi(HttpClient http, string? secret, Uri? server = null)
{
    public const string AdminSecret = "secret-of-an-admin", SupportSecret = "secret-of-support", ShopSecret = "secret-of-the-shop", TrustedSecret = "secret-of-level-five";

    /// <summary>The settings of a server that knows these secrets.</summary>
    public static readonly string[] Keys =
    [
        $"--Savepoint:Access:Keys:0:Secret={AdminSecret}", "--Savepoint:Access:Keys:0:Role=Admin", "--Savepoint:Access:Keys:0:Name=root",
        $"--Savepoint:Access:Keys:1:Secret={SupportSecret}", "--Savepoint:Access:Keys:1:Role=Support", "--Savepoint:Access:Keys:1:Name=kim",
        $"--Savepoint:Access:Keys:2:Secret={ShopSecret}", "--Savepoint:Access:Keys:2:Role=Service", "--Savepoint:Access:Keys:2:Name=shop",
        $"--Savepoint:Access:Keys:3:Secret={TrustedSecret}", "--Savepoint:Access:Keys:3:Role=GameServer", "--Savepoint:Access:Keys:3:Level=5",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A server in memory, or with a folder for its database where the arguments name one.</summary>
    public static Task<RunningServer> StartAsync(params string[] args) => RunningServer.StartAsync(null, [.. Keys, .. args.Contains("--data") ? args : ["--store", "memory", .. args]]);

    public static ProfileApi Of(RunningServer server, string? secret = ShopSecret) => new(server.Http, secret);

    public Task<ProfileAnswer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<ProfileAnswer> PutAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Put, path, body, headers);

    public Task<ProfileAnswer> PatchAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Patch, path, body, headers);

    public Task<ProfileAnswer> PostAsync(string path, string body, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, headers);

    public Task<ProfileAnswer> DeleteAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Delete, path, null, headers);

    /// <summary>Makes a profile and fails where that fails.</summary>
    public async Task CreateAsync(string id, string document) =>
        (await PutAsync($"profiles/{id}", $$"""{"document":{{document}}}""", ("If-None-Match", "*"))).Status.ShouldBe(HttpStatusCode.Created);

    public async Task<string> DocumentAsync(string id) => (await GetAsync($"profiles/{id}")).Body["document"]!.ToJsonString();

    public async Task<ProfileAnswer> SendAsync(HttpMethod method, string path, string? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, server is null ? new Uri($"/api/v1/{path}", UriKind.Relative) : new Uri(server, $"/api/v1/{path}"));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (secret is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return new ProfileAnswer(response.StatusCode, text, response.Headers.ETag?.Tag, response.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase))
        {
            ContentType = response.Content.Headers.ContentType?.MediaType,
        };
    }
}

internal sealed record ProfileAnswer(HttpStatusCode Status, string Text, string? Tag, IReadOnlyDictionary<string, string> Headers)
{
    public string? ContentType { get; init; }

    public JsonObject Body => JsonNode.Parse(Text)!.AsObject();

    public string? Code => Body["code"]?.GetValue<string>();

    public long Version => Body["version"]!.GetValue<long>();

    /// <summary>Fails unless it is a problem with this status and code, in the right form.</summary>
    public ProfileAnswer ShouldBeProblem(int status, string code)
    {
        ((int)Status).ShouldBe(status, Text);
        ContentType.ShouldBe("application/problem+json");
        Code.ShouldBe(code, Text);
        Body["status"]!.GetValue<int>().ShouldBe(status);
        Body["type"]!.GetValue<string>().ShouldBe($"urn:savepoint:{code}");
        return this;
    }

    public ProfileAnswer ShouldBeOk()
    {
        Status.ShouldBe(HttpStatusCode.OK, Text);
        return this;
    }
}
