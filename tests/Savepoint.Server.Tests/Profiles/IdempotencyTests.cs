using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

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

    [Fact]
    public async Task A_replacement_repeated_after_a_removal_has_the_first_outcome()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        foreach (var (id, match) in new[] { ("alice", "\"1\""), ("bob", "*") })
        {
            await api.CreateAsync(id, """{"gold":1}""");
            (string, string)[] headers = [("If-Match", match), ("Idempotency-Key", id)];
            (await api.PutAsync($"profiles/{id}", """{"document":{"gold":2}}""", headers)).ShouldBeOk().Version.ShouldBe(2);
            (await api.DeleteAsync($"profiles/{id}")).ShouldBeOk();
            (await api.PutAsync($"profiles/{id}", """{"document":{"gold":2}}""", headers)).ShouldBeOk().Version.ShouldBe(2);
            (await api.PutAsync($"profiles/{id}", """{"document":{"gold":3}}""", headers)).ShouldBeProblem(422, "request.reused");
            (await api.GetAsync($"profiles/{id}")).ShouldBeProblem(404, "entity.not_found");
        }
    }

    [Fact]
    public async Task A_replacement_of_what_is_removed_makes_nothing()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        (await api.DeleteAsync("profiles/alice")).ShouldBeOk().Version.ShouldBe(2);
        const string body = """{"document":{"gold":2}}""";
        for (var i = 0; i < 2; i++)
        {
            (await api.PutAsync("profiles/alice", body, ("If-Match", "*"))).ShouldBeProblem(404, "entity.not_found");
            (await api.PutAsync("profiles/alice", body, ("If-Match", "*"), ("Idempotency-Key", "any"))).ShouldBeProblem(404, "entity.not_found");
            (await api.PutAsync("profiles/alice", body, ("If-Match", "\"2\""))).ShouldBeProblem(404, "entity.not_found");
            (await api.PutAsync("profiles/alice", body, ("If-Match", "\"2\""), ("Idempotency-Key", "two"))).ShouldBeProblem(412, "version.mismatch");
            (await api.PutAsync("profiles/alice", body, ("If-Match", "\"3\""), ("Idempotency-Key", "three"))).ShouldBeProblem(404, "entity.not_found");
            (await api.PutAsync("profiles/nobody", body, ("If-Match", "*"), ("Idempotency-Key", "nobody"))).ShouldBeProblem(404, "entity.not_found");
        }

        (await api.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task Requests_with_one_key_that_come_at_the_same_time_are_one()
    {
        const int Requests = 8;
        var faults = new StoreFaults();
        var authorizer = new InterposedAuthorizer();
        await using var server = await RunningServer.StartAsync(
            builder =>
            {
                authorizer.AddTo(builder);
                builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults));
            },
            ProfileApi.Keys);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        var (came, all) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        authorizer.Submitting = _ =>
        {
            if (Interlocked.Increment(ref came) == Requests)
                all.SetResult();
        };

        // None is answered before all are there.
        var stall = faults.StallNext(StoreOperation.Append);
        var answers = Enumerable.Range(0, Requests).Select(_ => api.PatchAsync("profiles/alice", Add, Key)).ToArray();
        await all.Task;
        answers.ShouldAllBe(answer => !answer.IsCompleted);
        stall.Release();
        foreach (var answer in await Task.WhenAll(answers))
            answer.ShouldBeOk().Version.ShouldBe(2);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");
    }

    [Fact]
    public async Task A_refusal_that_passes_is_no_outcome_and_the_same_key_brings_one_in_the_end()
    {
        var faults = new StoreFaults();
        await using var server = await RunningServer.StartAsync(
            builder => builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults)), [.. ProfileApi.Keys, "--Savepoint:Engine:CommitRetry=00:00:00.1"]);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":0}""");
        faults.FailNext(StoreOperation.Append, isTransient: false);
        (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeProblem(503, "server.unavailable");
        await server.UntilAsync(async () => (await api.PatchAsync("profiles/alice", Add, Key)).Status == HttpStatusCode.OK);
        (await api.PatchAsync("profiles/alice", Add, Key)).ShouldBeOk().Version.ShouldBe(2);
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":5}""");
    }
}
