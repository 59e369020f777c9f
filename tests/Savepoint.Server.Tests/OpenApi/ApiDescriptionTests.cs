using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Savepoint.Server.Tests.Cluster;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.OpenApi;

public sealed partial class ApiDescriptionTests : IAsyncLifetime
{
    private const string Problem = "application/problem+json", Json = "application/json";

    private RunningServer _server = null!;
    private JsonObject _document = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ProfileApi.StartAsync();
        _document = JsonNode.Parse(await _server.Http.GetStringAsync("/openapi/v1.json", Cancelled))!.AsObject();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void Every_endpoint_is_described() => Check(_document, _server.App.Services, atLeast: 25);

    [Fact]
    public async Task So_are_those_of_a_cluster_and_none_of_those_between_nodes()
    {
        await using var node = await TestNode.StartAsync("described");
        using var http = new HttpClient();
        var document = JsonNode.Parse(await http.GetStringAsync(new Uri(node.Node.Address, "/openapi/v1.json"), Cancelled))!.AsObject();
        Check(document, node.Services, atLeast: 27);
        document["paths"]!.AsObject().Select(path => path.Key).ShouldAllBe(path => path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/.well-known/", StringComparison.Ordinal));
        document["paths"]!["/api/v1/cluster/shards"].ShouldNotBeNull();
    }

    [Fact]
    public void The_document_is_valid()
    {
        var (document, diagnostic) = OpenApiDocument.Parse(_document.ToJsonString(), "json");
        diagnostic!.Errors.ShouldBeEmpty();
        diagnostic.Warnings.ShouldBeEmpty();
        diagnostic.SpecificationVersion.ShouldBe(OpenApiSpecVersion.OpenApi3_1);
        document!.Paths.Count.ShouldBeGreaterThan(10);
        References(_document).Where(reference => Find(_document, reference) is null).ShouldBeEmpty();
        Operations(_document).Select(operation => operation.Node["operationId"]!.GetValue<string>()).ShouldBeUnique();
    }

    [Fact]
    public void Every_code_is_explained()
    {
        var page = File.ReadAllText(PageOf("errors.md"));
        var codes = Operations(_document).SelectMany(operation => Codes(operation.Node)).Distinct(StringComparer.Ordinal).ToList();
        codes.Count.ShouldBeGreaterThan(30);
        codes.Where(code => !page.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();
        codes.Where(code => Example(code)["detail"]!.GetValue<string>() == code).ShouldBeEmpty("the example says what the code means");
    }

    [Theory]
    [InlineData("PutProfile", "carol", 201, "If-None-Match: *")]
    [InlineData("GetProfile", "alice", 200, null)]
    [InlineData("PatchProfile", "alice", 200, null)]
    [InlineData("ListVersions", "alice", 200, null)]
    [InlineData("RollBack", "alice", 200, null)]
    [InlineData("SendMessage", "alice", 202, null)]
    [InlineData("MakePurchase", "alice", 200, null)]
    [InlineData("SubmitBatch", "", 200, null)]
    [InlineData("SubmitTransaction", "", 200, null)]
    [InlineData("GetSession", "alice", 200, null)]
    [InlineData("EndSession", "alice", 200, null)]
    [InlineData("DeleteProfile", "alice", 200, null)]
    [InlineData("ListUserEntities", "alice", 200, null)]
    [InlineData("ExportUser", "alice", 200, null)]
    [InlineData("EraseUser", "alice", 200, null)]
    [InlineData("ListAudit", "", 200, null)]
    [InlineData("ListQuarantine", "", 200, null)]
    [InlineData("StartBulk", "", 201, null)]
    [InlineData("ListBulk", "", 200, null)]
    [InlineData("ListLedger", "", 200, null)]
    public async Task The_example_of_a_request_is_answered_as_the_example_of_its_answer(string name, string id, int status, string? header)
    {
        var api = ProfileApi.Of(_server, ProfileApi.AdminSecret);
        foreach (var profile in new[] { "alice", "bob" })
            await api.CreateAsync(profile, """{"currency":{"gold":100},"items":["torch"]}""");
        var operation = Operations(_document).Single(operation => operation.Node["operationId"]!.GetValue<string>() == name);
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method.ToUpperInvariant()), operation.Path.Replace("{id}", id, StringComparison.Ordinal));
        if (operation.Node["requestBody"]?["content"]?[Json]?["example"] is { } body)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, Json);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ProfileApi.AdminSecret);
        if (header?.Split(": ") is [var key, var value])
            request.Headers.TryAddWithoutValidation(key, value);
        using var response = await _server.Http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        ((int)response.StatusCode).ShouldBe(status, text);
        var documented = operation.Node["responses"]![$"{status}"]!["content"]![Json]!;
        documented["example"].ShouldNotBeNull();
        var answer = JsonNode.Parse(text)!.AsObject();
        answer.Select(field => field.Key).ShouldBe(documented["example"]!.AsObject().Select(field => field.Key), ignoreOrder: true);
        var schema = Find(_document, documented["schema"]!["$ref"]!.GetValue<string>())!;
        answer.Select(field => field.Key).Except(schema["properties"]!.AsObject().Select(field => field.Key)).ShouldBeEmpty();
        schema["required"]!.AsArray().Select(field => field!.GetValue<string>()).Except(answer.Select(field => field.Key)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Register", 201)]
    [InlineData("LogIn", 200)]
    [InlineData("Refresh", 200)]
    [InlineData("GetLoginSession", 200)]
    [InlineData("CreateCharacter", 201)]
    [InlineData("ListCharacters", 200)]
    [InlineData("GetCharacter", 200)]
    public async Task So_is_that_of_a_player(string name, int status)
    {
        var (grant, character) = await PlayerAsync();
        var operation = Operations(_document).Single(operation => operation.Node["operationId"]!.GetValue<string>() == name);
        var body = operation.Node["requestBody"]?["content"]?[Json]?["example"]?.DeepClone();
        if (name == "Register")
            body!["userName"] = "bob";
        if (body?["refreshToken"] is not null)
            body["refreshToken"] = grant["refreshToken"]!.DeepClone();
        var (answered, answer, _) = await AskAsync(operation.Method, operation.Path.Replace("{id}", character, StringComparison.Ordinal), body, grant);
        answered.ShouldBe(status, answer.ToJsonString());
        ShouldLookLike(answer, operation.Node["responses"]![$"{status}"]!["content"]![Json]!["example"]!, "");
    }

    [Theory]
    [InlineData("""{"version":7}""", null, 409)]
    [InlineData("{}", "\"7\"", 412)]
    public async Task So_is_a_character_at_another_version(string body, string? ifMatch, int status)
    {
        var (grant, character) = await PlayerAsync();
        var (answered, answer, type) = await AskAsync("post", $"/api/v1/characters/{character}/level-up", JsonNode.Parse(body), grant, ifMatch);
        answered.ShouldBe(status, answer.ToJsonString());
        type.ShouldBe(Problem);
        var documented = _document["paths"]!["/api/v1/characters/{id}/level-up"]!["post"]!["responses"]![$"{status}"]!["content"]![Problem]!;
        var example = documented["examples"]!["version.mismatch"]!["value"]!;
        ShouldLookLike(answer, example, "");
        example["status"]!.GetValue<int>().ShouldBe(status);
        answer.AsObject().Select(field => field.Key).Except(_document["components"]!["schemas"]!["Problem"]!["properties"]!.AsObject().Select(field => field.Key)).ShouldBeEmpty();
    }

    /// <summary>Registers a player who makes a character.</summary>
    private async Task<(JsonNode Grant, string Character)> PlayerAsync()
    {
        var (_, grant, _) = await AskAsync("post", "/api/v1/session/register", JsonNode.Parse("""{"userName":"ada","password":"correct horse battery"}"""), null);
        var (_, character, _) = await AskAsync("post", "/api/v1/characters", JsonNode.Parse("""{"name":"Bruenor","race":"human","class":"fighter"}"""), grant);
        return (grant, character["id"]!.GetValue<string>());
    }

    private async Task<(int Status, JsonNode Answer, string? Type)> AskAsync(string method, string path, JsonNode? body, JsonNode? grant, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method.ToUpperInvariant()), path);
        if (body is not null)
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, Json);
        if (grant is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant["accessToken"]!.GetValue<string>());
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await _server.Http.SendAsync(request, Cancelled);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!, response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>The same members at every depth; ids and tokens of the same length, and words that are the same.</summary>
    private static void ShouldLookLike(JsonNode? answer, JsonNode? example, string at)
    {
        switch (answer, example)
        {
            case (JsonObject left, JsonObject right):
                left.Select(field => field.Key).ShouldBe(right.Select(field => field.Key), ignoreOrder: true, at);
                foreach (var (name, value) in left)
                    ShouldLookLike(value, right[name], name);
                break;
            case (JsonArray { Count: > 0 } left, JsonArray { Count: > 0 } right):
                ShouldLookLike(left[0], right[0], at);
                break;
            case (JsonValue left, JsonValue right):
                left.GetValueKind().ToString().Replace("True", "False", StringComparison.Ordinal).ShouldBe(right.GetValueKind().ToString().Replace("True", "False", StringComparison.Ordinal), at);
                if (at is "id" or "userId" or "sessionId" or "refreshToken")
                    left.GetValue<string>().Length.ShouldBe(right.GetValue<string>().Length, at);
                if (at is "method" or "type" or "tokenType" or "code" or "error")
                    left.GetValue<string>().ShouldBe(right.GetValue<string>(), at);
                break;
        }
    }

    [Fact]
    public async Task All_of_the_page_for_people_comes_from_the_server()
    {
        var page = await _server.Http.GetStringAsync("/docs/index.html", Cancelled);
        var sources = Sources().Matches(page).Select(match => match.Groups["address"].Value).ToList();
        sources.ShouldContain(source => source.EndsWith("swagger-ui-bundle.js", StringComparison.Ordinal));
        foreach (var source in sources)
        {
            source.ShouldNotContain("//");
            using var response = await _server.Http.GetAsync(new Uri(new Uri(_server.Http.BaseAddress!, "/docs/"), source), Cancelled);
            response.StatusCode.ShouldBe(HttpStatusCode.OK, source);
            response.Content.Headers.ContentType!.MediaType.ShouldBeOneOf("text/css", "text/javascript", "application/javascript", "image/png");
        }

        (await _server.Http.GetStringAsync("/docs/index.js", Cancelled)).ShouldContain("/openapi/v1.json");
    }

    [Fact]
    public async Task Both_can_be_switched_off()
    {
        await using var silent = await ProfileApi.StartAsync("--Savepoint:OpenApi=false");
        foreach (var address in new[] { "/openapi/v1.json", "/docs", "/docs/index.html" })
            (await silent.Http.GetAsync(address, Cancelled)).StatusCode.ShouldBe(HttpStatusCode.NotFound, address);
    }

    private static void Check(JsonObject document, IServiceProvider services, int atLeast)
    {
        var faults = new List<string>();
        var described = 0;
        foreach (var endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var path = RouteConstraints().Replace($"/{endpoint.RoutePattern.RawText!.Trim('/')}", "}");
            if (!path.StartsWith("/api/", StringComparison.Ordinal) && !path.StartsWith("/.well-known/", StringComparison.Ordinal))
                continue;
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["any"])
            {
                described++;
                var operation = document["paths"]![path]?[method.ToLowerInvariant()]?.AsObject();
                faults.AddRange((operation is null ? ["is not in the document"] : Faults(operation, path, endpoint)).Select(fault => $"{method} {path}: {fault}"));
            }
        }

        faults.ShouldBeEmpty();
        described.ShouldBeGreaterThanOrEqualTo(atLeast);
    }

    private static IEnumerable<string> Faults(JsonObject operation, string path, RouteEndpoint endpoint)
    {
        if (operation["summary"] is null || operation["description"] is null)
            yield return "has no summary, or no description";
        if (operation["tags"] is null)
            yield return "has no tag";
        var responses = operation["responses"]!.AsObject();
        var successes = responses.Where(response => response.Key[0] == '2').ToList();
        if (successes.Count == 0 || successes.Any(response => response.Key != "204" && response.Value!["content"]?.AsObject().Any(content => content.Value!["schema"] is not null) != true))
            yield return "does not say what a success looks like";
        if (!successes.Any(response => response.Key == "204" || response.Value!["content"]!.AsObject().Any(content => content.Value!["example"] is not null)))
            yield return "has no example of an answer";
        var errors = responses.Where(response => response.Key[0] is '4' or '5').ToList();
        foreach (var status in new[] { "400", "429", "500" }.Except(errors.Select(error => error.Key)))
            yield return $"does not say that it may be answered with {status}";
        if (errors.Any(error => error.Value!["content"]?[Problem]?["examples"]?.AsObject().Count is not > 0))
            yield return "has an error that is no problem with codes";
        if (operation["security"] is not null && (responses["401"] is null || responses["403"] is null))
            yield return "asks for credentials, and does not say what happens without";
        if (endpoint.Metadata.GetMetadata<IAcceptsMetadata>() is not null && (operation["requestBody"]?["content"]?[Json]?["schema"] is null || operation["requestBody"]?["content"]?[Json]?["example"] is null))
            yield return "does not say what a body looks like, or has no example of one";
        if (operation["requestBody"] is null && endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0] is "PUT" or "PATCH")
            yield return "has no body";
        var values = operation["parameters"]?.AsArray().Where(parameter => parameter!["in"]!.GetValue<string>() == "path").ToList() ?? [];
        foreach (var name in endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name))
        {
            if (!values.Exists(value => value!["name"]!.GetValue<string>() == name && value["description"] is not null && value["example"] is not null))
                yield return $"does not explain {{{name}}} of {path}";
        }
    }

    private static IEnumerable<(string Path, string Method, JsonObject Node)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => (path.Key, operation.Key, operation.Value!.AsObject())));

    private static IEnumerable<string> Codes(JsonObject operation) => operation["responses"]!.AsObject().SelectMany(response => response.Value!["content"]?[Problem]?["examples"]?.AsObject().Select(example => example.Key) ?? []);

    private JsonNode Example(string code) => _document["components"]!["examples"]!.AsObject().First(example => example.Key.EndsWith($".{code}", StringComparison.Ordinal) && example.Key[3..] == $".{code}").Value!["value"]!;

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(field => field is { Key: "$ref", Value: JsonValue reference } ? [reference.GetValue<string>()] : References(field.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static JsonNode? Find(JsonNode document, string reference) => reference.Split('/').Skip(1).Aggregate((JsonNode?)document, (node, name) => node?[name]);

    private static string PageOf(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Savepoint.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return Path.Combine(folder.FullName, "docs", "reference", name);
    }

    [GeneratedRegex("(?:src|href)=\"(?<address>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Sources();

    [GeneratedRegex("[:?][^}]*}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex RouteConstraints();
}
