using System.Net;

namespace Savepoint.Server.Tests.Profiles;

public sealed class IdempotencyTests
{
    private const string Add = """{"operations":[{"op":"increment","path":"gold","by":5,"max":10}]}""";

    private static readonly (string, string) Key = ("Idempotency-Key", "order-1");

    [Fact]
    public async Task The_same_request_again_has_the_first_outcome_and_no_effect()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        for (var i = 0; i < 3; i++)
            (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeOk().Version.ShouldBe(2);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");

        // The same in another spelling is the same request.
        (await api.PatchAsync("profiles/alice", """{ "operations": [ {"max":10,"by":5,"path":"gold","op":"increment"} ] }""", Key)).ShouldBeOk().Version.ShouldBe(2);
    }

    [Fact]
    public async Task A_refusal_is_an_outcome_too()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":9}""");
        (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeProblem(422, "document.out_of_bounds");
        await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":0}]}""");
        (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeProblem(422, "document.out_of_bounds").Body["path"]!.GetValue<string>().ShouldBe("gold");
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":0}""");
    }

    [Fact]
    public async Task A_batch_with_a_key_takes_the_place_of_one_writer_however_many_parts_it_has()
    {
        await using var server = await ProfileApi.StartAsync("--Savepoint:Engine:ShardCount=1", "--Savepoint:Engine:MaxWritersPerShard=4");
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        var parts = string.Join(',', Enumerable.Repeat("""{"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]}""", 20));
        string[] versions = [.. Enumerable.Range(2, 20).Select(version => $"{version}")];
        for (var i = 0; i < 2; i++)
            (await api.PostAsync("profiles/batch", $$"""{"parts":[{{parts}}]}""", Key)).ResultsOf(20).ShouldBe(versions);
        (await api.PostAsync("profiles/batch", $$"""{"parts":[{{parts}}]}""", ("Idempotency-Key", "order-2"))).ResultsOf(20)[^1].ShouldBe("41");
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":40}""");

        var other = await api.PostAsync("profiles/batch", """{"parts":[{"id":"alice","operations":[{"op":"increment","path":"gold","by":2}]}]}""", Key);
        other.ResultsOf(1).ShouldBe(["request.reused"]);
    }

    [Fact]
    public async Task The_same_key_with_another_request_is_refused()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeOk();
        (await api.PatchAsync("profiles/alice", Add.Replace("5", "6", StringComparison.Ordinal), Key)).ShouldBeProblem(422, "request.reused");
        (await api.PatchAsync("profiles/alice", Add, Key, ("If-Match", "\"1\""))).ShouldBeProblem(422, "request.reused");
        (await api.PatchAsync("profiles/alice", Add.Replace("{\"operations", "{\"create\":true,\"operations", StringComparison.Ordinal), Key)).ShouldBeProblem(422, "request.reused");
        (await api.DeleteAsync("profiles/alice", Key)).ShouldBeProblem(422, "request.reused");
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");
    }

    [Fact]
    public async Task Callers_do_not_share_keys()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        (await api.PatchAsync("profiles/alice", Add, Key)).Version.ShouldBe(2);
        (await api.PatchAsync("profiles/alice", Add, Key, ("Savepoint-Name", "shop-2"))).Version.ShouldBe(3);
        (await ProfileApi.Of(server, ProfileApi.AdminSecret).PatchAsync("profiles/alice", Add, Key)).ShouldBeProblem(422, "document.out_of_bounds");
    }

    [Fact]
    public async Task Outcomes_are_remembered_over_a_restart_refusals_included()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        var refusedKey = ("Idempotency-Key", "order-2");
        await using (var server = await ProfileApi.StartAsync("--data", data.FullName))
        {
            var api = ProfileApi.Of(server);
            await api.CreateAsync("alice", """{"gold":0}""");
            (await api.PatchAsync("profiles/alice", Add, Key)).Version.ShouldBe(2);
            (await api.PatchAsync("profiles/alice", Add, ("If-Match", "\"1\""), refusedKey)).ShouldBeProblem(412, "version.mismatch");
        }

        await using (var server = await ProfileApi.StartAsync("--data", data.FullName))
        {
            var api = ProfileApi.Of(server);
            (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeOk().Version.ShouldBe(2);
            var refused = (await api.PatchAsync("profiles/alice", Add, ("If-Match", "\"1\""), refusedKey)).ShouldBeProblem(412, "version.mismatch");
            (refused.Body["expectedVersion"]!.GetValue<int>(), refused.Body["currentVersion"]!.GetValue<int>()).ShouldBe((1, 2));
            (await api.PatchAsync("profiles/alice", Add.Replace("5", "6", StringComparison.Ordinal), Key)).ShouldBeProblem(422, "request.reused");
            (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_change_takes_a_key()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        (string, string) Named(string key) => ("Idempotency-Key", key);
        for (var i = 0; i < 2; i++)
            (await api.PutAsync("profiles/alice", """{"document":{"gold":1}}""", ("If-None-Match", "*"), Named("make"))).Version.ShouldBe(1);
        for (var i = 0; i < 2; i++)
            (await api.PutAsync("profiles/alice", """{"document":{"gold":2}}""", ("If-Match", "\"1\""), Named("replace"))).ShouldBeOk().Version.ShouldBe(2);
        for (var i = 0; i < 2; i++)
            (await api.PostAsync("profiles/alice/messages", """{"message":{"n":1}}""", Named("message"))).Body["message"]!.GetValue<int>().ShouldBe(1);
        for (var i = 0; i < 2; i++)
            (await api.PostAsync("profiles/alice/rollback", """{"version":1}""", Named("rollback"))).ShouldBeOk().Version.ShouldBe(3);
        for (var i = 0; i < 2; i++)
            (await api.PostAsync("profiles/batch", """{"parts":[{"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]},{"id":"nobody","operations":[]}]}""", Named("batch")))
                .Body["results"]![0]!.ToJsonString().ShouldBe("""{"version":4}""");
        for (var i = 0; i < 2; i++)
            (await api.PostAsync("transactions", """{"mutations":[{"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]}]}""", Named("transaction"))).Text.ShouldBe("""{"versions":[5]}""");
        for (var i = 0; i < 2; i++)
            (await api.DeleteAsync("profiles/alice", Named("remove"))).ShouldBeOk().Version.ShouldBe(6);
    }

    [Theory]
    [InlineData("")]
    [InlineData("long")]
    public async Task A_key_that_can_not_be_one_is_refused(string key)
    {
        await using var server = await ProfileApi.StartAsync();
        var answer = await ProfileApi.Of(server).PatchAsync("profiles/alice", Add, ("Idempotency-Key", key == "long" ? new string('x', 257) : key));
        answer.Status.ShouldBe(HttpStatusCode.BadRequest);
        answer.Code.ShouldBe("request.invalid");
    }
}
