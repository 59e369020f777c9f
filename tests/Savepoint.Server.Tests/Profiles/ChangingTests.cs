using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Modules.Profiles;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class ChangingTests
{
    [Fact]
    public async Task Operations_change_a_profile_together_or_not_at_all()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":10,"items":["a","b"],"speed":1.5,"old":{"x":1},"map":{"a":1}}""");
        var answer = (await api.PatchAsync("profiles/alice", """
            {"operations":[
              {"op":"set","path":"name","value":"Ada"},
              {"op":"remove","path":"old"},
              {"op":"increment","path":"gold","by":-3,"min":0,"max":100},
              {"op":"increment","path":"speed","by":0.5},
              {"op":"increment","path":"stats.wins","by":1},
              {"op":"insert","path":"items[1]","value":{"$timestamp":"2026-01-31T12:00:00.0000000Z"}},
              {"op":"set","path":"items[0]","value":1.0},
              {"op":"clear","path":"map"}],
             "reason":"quest:dragon"}
            """)).ShouldBeOk();
        (answer.Version, answer.Tag).ShouldBe((2, "\"2\""));
        (await api.DocumentAsync("alice")).ShouldBe(
            """{"gold":7,"items":[1.0,{"$timestamp":"2026-01-31T12:00:00.0000000Z"},"b"],"map":{},"name":"Ada","speed":2.0,"stats":{"wins":1}}""");

        var refused = await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"name","value":"Bo"},{"op":"increment","path":"gold","by":-8,"min":0}]}""");
        refused.ShouldBeProblem(422, "document.out_of_bounds").Body["path"]!.GetValue<string>().ShouldBe("gold");
        (await api.GetAsync("profiles/alice?path=name")).Body["value"]!.GetValue<string>().ShouldBe("Ada");
    }

    [Theory]
    [InlineData("""{"operations":[{"op":"incremnt","path":"gold","by":1}]}""", "request.invalid", "operations[0].op")]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":1},{"op":"set","path":"a..b","value":1}]}""", "document.invalid_path", "operations[1].path", 422)]
    [InlineData("""{"operations":[{"op":"set","path":"","value":1}]}""", "document.invalid_path", "operations[0]", 422)]
    [InlineData("""{"operations":[{"op":"set","path":"gold"}]}""", "request.invalid", "operations[0].value")]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":null}]}""", "document.null_value", "operations[0].value", 422)]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":1e999}]}""", "document.not_finite", "operations[0].value", 422)]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":99999999999999999999}]}""", "document.overflow", "operations[0].value", 422)]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":{"$timestamp":"soon"}}]}""", "document.invalid_json", "operations[0].value")]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":"\ud800"}]}""", "document.invalid_string", "operations[0].value", 422)]
    [InlineData("""{"operations":[{"op":"increment","path":"gold","by":"1"}]}""", "request.invalid", "operations[0].by")]
    [InlineData("""{"operations":[{"op":"increment","path":"gold","by":1,"max":2.0}]}""", "request.invalid", "operations[0].by")]
    [InlineData("""{"operations":[{"op":"increment","path":"gold","by":1,"min":3,"max":2}]}""", "request.invalid", "operations[0].min")]
    [InlineData("""{"operations":[{"op":"set","path":"gold","value":1,"why":2}]}""", "request.invalid", "operations[0].why")]
    [InlineData("""{"operations":[7]}""", "request.invalid", "operations[0]")]
    [InlineData("""{"operations":{}}""", "request.invalid", "operations")]
    [InlineData("""{"operation":[]}""", "request.invalid", "operations")]
    [InlineData("""{"operations":[],"reason":7}""", "request.invalid", "reason")]
    [InlineData("""{"operations":[],"expectedVersion":1.5}""", "request.invalid", "expectedVersion")]
    [InlineData("""{"operations":[],"expectedVersion":1,"expectedVersion":1}""", "request.invalid", "expectedVersion")]
    [InlineData("""{"operations":[],"remove":true}""", "request.invalid", "exactly one")]
    [InlineData("""{"remove":true}""", "request.invalid", "PATCH takes operations")]
    [InlineData("""[]""", "request.invalid", "object")]
    [InlineData("", "document.invalid_json", "LineNumber: 0")]
    [InlineData("""{"operations":[}""", "document.invalid_json", "BytePositionInLine: 15")]
    public async Task What_is_wrong_with_a_request_is_said_and_where(string body, string code, string place, int status = 400)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        (await api.PatchAsync("profiles/alice", body)).ShouldBeProblem(status, code).Body["detail"]!.GetValue<string>().ShouldContain(place);
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(1);
    }

    [Fact]
    public async Task A_profile_is_made_only_where_that_is_asked_for()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        const string operations = """{"operations":[{"op":"increment","path":"gold","by":5}]""";
        (await api.PatchAsync("profiles/alice", operations + "}")).ShouldBeProblem(404, "entity.not_found");
        (await api.PatchAsync("profiles/alice", operations + ""","template":{"name":"?"}}""")).ShouldBeProblem(400, "request.invalid");
        (await api.PatchAsync("profiles/alice", operations + ""","create":true,"template":{"name":"?"}}""")).ShouldBeOk().Version.ShouldBe(1);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5,"name":"?"}""");
        await api.DeleteAsync("profiles/alice");
        (await api.PatchAsync("profiles/alice", operations + "}")).ShouldBeProblem(404, "entity.not_found");
        (await api.PatchAsync("profiles/alice", """{"gold":1}""", ("Content-Type", "application/merge-patch+json"))).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task A_merge_patch_merges()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"a":{"b":1,"c":2},"d":[1,2],"e":5}""");
        var merge = ("Content-Type", "application/merge-patch+json");
        (await api.PatchAsync("profiles/alice", """{"a":{"b":null,"x":{"y":1},"$$k":1},"d":[3],"t":{"$bytes":"AQ=="}}""", merge)).ShouldBeOk().Version.ShouldBe(2);
        (await api.DocumentAsync("alice")).ShouldBe("""{"a":{"$$k":1,"c":2,"x":{"y":1}},"d":[3],"e":5,"t":{"$bytes":"AQ=="}}""");
        (await api.PatchAsync("profiles/alice", """{"e":{"x":1}}""", merge)).ShouldBeProblem(422, "document.wrong_type");
        (await api.PatchAsync("profiles/alice", """{"d":[null]}""", merge)).ShouldBeProblem(422, "document.null_value");
        (await api.PatchAsync("profiles/alice", """{"e":6}""", merge, ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
    }

    [Fact]
    public async Task Who_is_behind_gets_the_present_profile_and_changes_nothing()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        const string add = """{"operations":[{"op":"increment","path":"gold","by":1}]""";
        (await api.PatchAsync("profiles/alice", add + "}", ("If-Match", "\"1\""))).ShouldBeOk();
        var header = (await api.PatchAsync("profiles/alice", add + "}", ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
        var field = (await api.PatchAsync("profiles/alice", add + ""","expectedVersion":1}""")).ShouldBeProblem(409, "version.mismatch");
        foreach (var answer in new[] { header, field })
        {
            (answer.Body["expectedVersion"]!.GetValue<int>(), answer.Body["currentVersion"]!.GetValue<int>()).ShouldBe((1, 2));
            answer.Body["current"]!.ToJsonString().ShouldBe("""{"version":2,"document":{"gold":2}}""");
        }

        (await api.DeleteAsync("profiles/alice", ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
        (await api.PatchAsync("profiles/alice", add + "}", ("If-Match", "*"))).ShouldBeOk().Version.ShouldBe(3);
        (await api.PatchAsync("profiles/nobody", add + "}", ("If-Match", "*"))).ShouldBeProblem(404, "entity.not_found");
        (await api.PatchAsync("profiles/alice", add + "}", ("If-Match", "W/\"3\""))).ShouldBeProblem(412, "version.mismatch").Body.ContainsKey("expectedVersion").ShouldBeFalse();
        (await api.PatchAsync("profiles/alice", add + "}", ("If-Match", "3"))).ShouldBeProblem(400, "request.invalid");
        (await api.PatchAsync("profiles/alice", add + ""","expectedVersion":3}""", ("If-Match", "\"3\""))).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_put_makes_a_profile_or_replaces_one_and_says_which()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        const string body = """{"document":{"gold":1,"deep":{"a":1,"b":2}}}""";
        (await api.PutAsync("profiles/alice", body)).ShouldBeProblem(428, "request.precondition_required");
        (await api.PutAsync("profiles/alice", body, ("If-Match", "\"1\""))).ShouldBeProblem(404, "entity.not_found");
        (await api.PutAsync("profiles/alice", body, ("If-None-Match", "*"))).Status.ShouldBe(HttpStatusCode.Created);
        (await api.PutAsync("profiles/alice", body, ("If-None-Match", "*"))).ShouldBeProblem(412, "version.mismatch").Body["current"].ShouldNotBeNull();
        (await api.PutAsync("profiles/alice", """{"document":{"deep":{"b":3},"new":true}}""", ("If-Match", "\"1\""))).ShouldBeOk().Version.ShouldBe(2);
        (await api.DocumentAsync("alice")).ShouldBe("""{"deep":{"b":3},"new":true}""");
        (await api.PutAsync("profiles/alice", body, ("If-Match", "\"1\""))).ShouldBeProblem(412, "version.mismatch");
        (await api.PutAsync("profiles/alice", """{"documents":{}}""", ("If-Match", "\"2\""))).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_change_may_name_several_versions()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        const string add = """{"operations":[{"op":"increment","path":"gold","by":1}]}""", put = """{"document":{"gold":5}}""";
        (await api.PatchAsync("profiles/alice", add, ("If-Match", "\"7\", \"8\""))).ShouldBeProblem(412, "version.mismatch").Body["current"]!["version"]!.GetValue<int>().ShouldBe(1);
        foreach (var _ in new[] { "first", "again" })
            (await api.PatchAsync("profiles/alice", add, ("If-Match", "\"7\", \"1\""), ("Idempotency-Key", "patch"))).ShouldBeOk().Version.ShouldBe(2);
        (await api.PutAsync("profiles/alice", put, ("If-Match", "\"1\", W/\"2\""))).ShouldBeProblem(412, "version.mismatch");
        (await api.PutAsync("profiles/alice", put, ("If-Match", "W/\"2\""))).ShouldBeProblem(412, "version.mismatch");
        foreach (var _ in new[] { "first", "again" })
            (await api.PutAsync("profiles/alice", put, ("If-Match", "\"1\", \"2\", \"3\""), ("Idempotency-Key", "put"))).ShouldBeOk().Version.ShouldBe(3);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");
        (await api.PostAsync("profiles/alice/rollback", """{"version":1}""", ("If-Match", "\"3\", \"4\""))).ShouldBeOk().Version.ShouldBe(4);
        (await api.DeleteAsync("profiles/alice", ("If-Match", "\"3\", \"4\""))).ShouldBeOk().Version.ShouldBe(5);
        (await api.DeleteAsync("profiles/alice", ("If-Match", "\"3\", \"4\""))).ShouldBeProblem(412, "version.mismatch");
    }

    [Fact]
    public async Task A_removed_profile_can_be_made_again_and_goes_on_counting()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        (await api.DeleteAsync("profiles/alice", ("If-Match", "\"1\""))).ShouldBeOk().Version.ShouldBe(2);
        (await api.DeleteAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        (await api.PutAsync("profiles/alice", """{"document":{}}""", ("If-None-Match", "*"))).Version.ShouldBe(3);
    }

    [Fact]
    public async Task A_document_or_body_that_is_too_large_is_refused()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", "{}");
        string With(int length) => $$"""{"operations":[{"op":"set","path":"x","value":"{{new string('x', length)}}"}]}""";
        (await api.PatchAsync("profiles/alice", With((1 << 20) - 100))).ShouldBeOk();
        (await api.PatchAsync("profiles/alice", With(1 << 20))).ShouldBeProblem(413, "document.too_large");
        (await api.PatchAsync("profiles/alice", "{}", ("Content-Type", "text/plain"))).ShouldBeProblem(415, "request.unsupported_media_type");
        (await api.PatchAsync("profiles/alice", "{}", ("Content-Type", "application/json; charset=utf-16"))).ShouldBeProblem(415, "request.unsupported_media_type");
    }

    /// <summary>A small limit: the server does not wait for what is beyond it, and a client that goes on sending may find the connection broken.</summary>
    [Fact]
    public async Task A_body_over_the_limit_is_refused_before_it_is_read()
    {
        await using var server = await RunningServer.StartAsync(builder => builder.Services.AddSingleton(new ProfilesOptions { MaxBodyBytes = 1_000, MaxBatchBodyBytes = 2_000 }), ProfileApi.Keys);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", "{}");
        string Of(int length) => $$"""{"operations":[],"reason":"{{new string('x', length)}}"}""";
        (await api.PatchAsync("profiles/alice", Of(1_000))).ShouldBeProblem(413, "request.body_too_large");
        (await api.PatchAsync("profiles/alice", Of(60))).ShouldBeOk();
        (await api.PostAsync("transactions", Of(1_500))).ShouldBeProblem(400, "request.invalid");
        (await api.PostAsync("transactions", Of(2_000))).ShouldBeProblem(413, "request.body_too_large");
    }

    [Fact]
    public async Task While_a_game_server_has_the_profile_others_add_and_leave_messages()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await using var gameServer = await server.ConnectAsync(TestClient.AsGameServer());
        await gameServer.OpenAsync("alice");
        (await api.PatchAsync("profiles/alice", """{"operations":[{"op":"increment","path":"gold","by":5}]}""")).ShouldBeOk();
        (await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":5}]}""")).ShouldBeProblem(409, "session.required").Body["holder"]!.GetValue<string>().ShouldBe("eu-1");
        (await api.DeleteAsync("profiles/alice")).ShouldBeProblem(409, "session.required");
        var sent = await api.PostAsync("profiles/alice/messages", """{"message":{"gift":"sword"}}""");
        (sent.Status, sent.Body["message"]!.GetValue<int>()).ShouldBe((HttpStatusCode.Accepted, 1));
        var message = (await gameServer.NextAsync(message => message.EntityMessage is not null)).EntityMessage;
        (message.Sender, Documents.DocumentJson.ToText(Documents.Document.Decode(message.Body.Span))).ShouldBe(("service:shop", """{"gift":"sword"}"""));
        (await api.PostAsync("profiles/nobody/messages", """{"message":{}}""")).ShouldBeProblem(404, "entity.not_found");
        (await api.PostAsync("profiles/alice/messages", """{"message":[]}""")).ShouldBeProblem(400, "document.invalid_json");
    }

    [Fact]
    public async Task Reason_and_correlation_stand_in_the_history()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await api.PatchAsync("profiles/alice", """{"operations":[],"reason":"quest:dragon"}""", ("X-Correlation-Id", "abc"), ("Savepoint-Name", "shop-7"));
        (await api.DeleteAsync("profiles/alice", ("Savepoint-Reason", "player:left"))).ShouldBeOk();
        var versions = (await api.GetAsync("profiles/alice/versions")).Body["versions"]!.AsArray();
        versions.Select(version => (string?)version!["reason"]).ShouldBe(["player:left", "quest:dragon", null]);
        ((string?)versions[1]!["actor"], (string?)versions[1]!["correlationId"]).ShouldBe(("service:shop-7", "abc"));
        (await api.PatchAsync("profiles/alice", $$"""{"operations":[],"create":true,"reason":"{{new string('x', 65)}}"}""")).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_the_callers_fault()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        (await api.PatchAsync("profiles/alice", """{"\ud800aaaaaaaaaaaaaaaaaaaaaaaaaaaa":1,"operations":[]}""")).ShouldBeProblem(400, "request.invalid");
        (await api.PatchAsync("profiles/alice", """{"operations":[{"\ud800":1,"op":"remove","path":"gold"}]}""")).ShouldBeProblem(400, "request.invalid");
        foreach (var patch in new[] { """{"\ud800":1}""", """{"a":{"\ud800":1}}""", """{"a":{"b":1,"\ud800aaaaaaaaaaaaaaaa":1}}""" })
            (await api.PatchAsync("profiles/alice", patch, ("Content-Type", "application/merge-patch+json"))).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"$gold":99}""", "$gold")]
    [InlineData("""{"a":{"$gold":null}}""", "$gold")]
    [InlineData("""{"$":99}""", "'$'")]
    [InlineData("""{"gold":98,"gold":99}""", "'gold' is there twice")]
    [InlineData("""{"a":{"b":1,"\u0062":2}}""", "'a.b' is there twice")]
    public async Task A_key_of_a_merge_patch_is_never_taken_for_another(string patch, string named)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        var answer = await api.PatchAsync("profiles/alice", patch, ("Content-Type", "application/merge-patch+json"));
        ((int)answer.Status).ShouldBeOneOf(400, 422);
        answer.Body["detail"]!.GetValue<string>().ShouldContain(named);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":1}""");
    }

    [Fact]
    public async Task A_replacement_of_whatever_version_is_never_behind()
    {
        var authorizer = new InterposedAuthorizer();
        await using var server = await RunningServer.StartAsync(authorizer.AddTo, [.. ProfileApi.Keys, "--store", "memory"]);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        foreach (var headers in new (string, string)[][] { [("If-Match", "*")], [("If-Match", "*"), ("Idempotency-Key", "k")] })
        {
            Interpose(authorizer, () => api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"other","value":1}]}"""), times: 2);
            var before = (await api.GetAsync("profiles/alice")).Version;
            (await api.PutAsync("profiles/alice", """{"document":{"gold":2}}""", headers)).ShouldBeOk().Version.ShouldBe(before + 3);
            (await api.DocumentAsync("alice")).ShouldBe("""{"gold":2}""");
            if (headers.Length == 1)
                continue;
            await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":9}]}""");
            (await api.PutAsync("profiles/alice", """{"document":{"gold":2}}""", headers)).ShouldBeOk().Version.ShouldBe(before + 3);
            (await api.DocumentAsync("alice")).ShouldBe("""{"gold":9}""");
        }
    }

    [Fact]
    public async Task A_replacement_of_a_version_that_is_not_there_yet_is_refused_though_it_comes_in_between()
    {
        var authorizer = new InterposedAuthorizer();
        await using var server = await RunningServer.StartAsync(authorizer.AddTo, [.. ProfileApi.Keys, "--store", "memory"]);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        Interpose(authorizer, () => api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"other","value":1}]}"""), times: 1);
        var refused = (await api.PutAsync("profiles/alice", """{"document":{"gold":2}}""", ("If-Match", "\"2\""))).ShouldBeProblem(412, "version.mismatch");
        (refused.Body["expectedVersion"]!.GetValue<int>(), refused.Body["currentVersion"]!.GetValue<int>()).ShouldBe((2, 1));
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":1}""");
    }

    [Theory]
    [InlineData("rollback", """{"version":1,"expectedVersion":2}""")]
    [InlineData("intents/nothing", """{"expectedVersion":2}""")]
    public async Task Two_expectations_are_refused_rather_than_one_of_them_passed_over(string address, string body)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":2}]}""");
        (await api.PostAsync($"profiles/alice/{address}", body, ("If-Match", "\"2\""))).ShouldBeProblem(400, "request.invalid");
        (await api.PostAsync($"profiles/alice/{address}", body, ("If-Match", "\"1\""))).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(2);
    }

    /// <summary>Somebody else's change comes between what the next submissions have read and themselves.</summary>
    private static void Interpose(InterposedAuthorizer authorizer, Func<Task<ProfileAnswer>> change, int times)
    {
        void Step(Engine.EntityKey key)
        {
            authorizer.Submitting = null;
            Task.Run(change).GetAwaiter().GetResult().ShouldBeOk();
            if (--times > 0)
                authorizer.Submitting = Step;
        }

        authorizer.Submitting = Step;
    }
}
