namespace Savepoint.Server.Tests.Profiles;

public sealed class SeveralProfilesTests
{
    [Fact]
    public async Task Each_part_of_a_batch_is_carried_out_or_refused_by_itself()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await api.CreateAsync("bob", """{"gold":1}""");
        var answer = (await api.PostAsync("profiles/batch", $$$"""
            {"reason":"match:7","parts":[
              {"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]},
              {"id":"nobody","operations":[{"op":"increment","path":"gold","by":1}]},
              {"id":"bob","operations":[{"op":"incremnt","path":"gold","by":1}]},
              {"id":"bob","operations":[{"op":"set","path":"x","value":"{{{new string('x', 1 << 20)}}}"}]},
              {"id":"bob","kind":"horse","operations":[]},
              {"id":"bob","message":{"gift":1}},
              {"id":"bob","operations":[{"op":"increment","path":"gold","by":2}],"reason":"match:8"},
              {"id":7}]}
            """)).ResultsOf(8);
        answer.ShouldBe(["2", "entity.not_found", "request.invalid", "document.too_large", "kind.unknown", "1", "2", "request.invalid"]);
        (await api.GetAsync("profiles/bob/versions?limit=1")).Body["versions"]![0]!["reason"]!.GetValue<string>().ShouldBe("match:8");
        (await api.GetAsync("profiles/alice/versions?limit=1")).Body["versions"]![0]!["reason"]!.GetValue<string>().ShouldBe("match:7");
    }

    [Theory]
    [InlineData("""{"parts":[]}""")]
    [InlineData("""{"parts":{}}""")]
    [InlineData("""{"part":[]}""")]
    public async Task A_batch_that_is_none_is_refused_whole(string body)
    {
        await using var server = await ProfileApi.StartAsync();
        (await ProfileApi.Of(server).PostAsync("profiles/batch", body)).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task A_transaction_changes_all_of_its_profiles_or_none()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":10}""");
        await api.CreateAsync("bob", """{"gold":0}""");
        const string trade = """
            {"reason":"trade","mutations":[
              {"id":"alice","operations":[{"op":"increment","path":"gold","by":-7,"min":0}]},
              {"id":"bob","operations":[{"op":"increment","path":"gold","by":7}]}]}
            """;
        (await api.PostAsync("transactions", trade)).ShouldBeOk().Text.ShouldBe("""{"versions":[2,2]}""");
        var refused = (await api.PostAsync("transactions", trade)).ShouldBeProblem(422, "document.out_of_bounds");
        (refused.Body["id"]!.GetValue<string>(), refused.Body["path"]!.GetValue<string>()).ShouldBe(("alice", "gold"));
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":3}""");
        (await api.DocumentAsync("bob")).ShouldBe("""{"gold":7}""");

        var behind = await api.PostAsync("transactions", """{"mutations":[{"id":"alice","operations":[]},{"id":"bob","expectedVersion":1,"remove":true}]}""");
        behind.ShouldBeProblem(409, "version.mismatch").Body["mutation"]!.GetValue<int>().ShouldBe(1);
        behind.Body["current"]!["document"]!.ToJsonString().ShouldBe("""{"gold":7}""");
        (await api.PostAsync("transactions", """{"mutations":[{"id":"alice","operations":[]},{"id":"alice","remove":true}]}""")).ShouldBeProblem(400, "request.invalid");
        (await api.PostAsync("transactions", """{"mutations":[]}""")).ShouldBeProblem(400, "request.invalid");
        (await api.PostAsync("transactions", """{"mutations":[{"id":"a/b","operations":[],"create":true},{"id":"alice","restoreVersion":1},{"id":"bob","message":{}}]}""")).ShouldBeOk().Text.ShouldBe("""{"versions":[1,3,1]}""");
    }

    [Fact]
    public async Task A_part_that_is_not_even_valid_says_nothing_of_the_others()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await api.CreateAsync("carol", """{"gold":1}""");
        const string parts = """
            {"parts":[
              {"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]},
              {"id":"bob","\ud800aaaaaaaaaaaaaaaa":1,"remove":true},
              7,
              {"id":"bob","id":"carol","remove":true},
              {"id":"carol","operations":[{"op":"increment","path":"gold","by":1}]}]}
            """;
        (await api.PostAsync("profiles/batch", parts)).ResultsOf(5).ShouldBe(["2", "request.invalid", "request.invalid", "request.invalid", "2"]);
    }

    [Fact]
    public async Task A_fault_of_the_server_in_one_part_says_nothing_of_the_others()
    {
        var authorizer = new InterposedAuthorizer();
        await using var server = await RunningServer.StartAsync(authorizer.AddTo, [.. ProfileApi.Keys, "--store", "memory"]);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        authorizer.Submitting = key =>
        {
            if (key.Id == "bob")
                throw new InvalidOperationException("the inside");
        };
        var answer = await api.PostAsync(
            "profiles/batch", """{"parts":[{"id":"bob","remove":true},{"id":"alice","operations":[{"op":"increment","path":"gold","by":1}]}]}""");
        answer.ResultsOf(2).ShouldBe(["server.internal", "2"]);
        var error = answer.Body["results"]![0]!["error"]!;
        (error["status"]!.GetValue<int>(), error["detail"]!.GetValue<string>()).ShouldBe((500, "The server has a fault."));
    }

    [Theory]
    [InlineData("transactions")]
    [InlineData("profiles/batch")]
    [InlineData("profiles/alice/messages")]
    [InlineData("profiles/alice/purchases")]
    public async Task An_expectation_that_would_not_be_looked_at_is_refused(string path)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        var body = path switch
        {
            "transactions" => """{"mutations":[{"id":"alice","remove":true}]}""",
            "profiles/batch" => """{"parts":[{"id":"alice","remove":true}]}""",
            "profiles/alice/messages" => """{"message":{}}""",
            _ => """{"purchaseId":"x","operations":[]}""",
        };
        foreach (var header in new[] { "If-Match", "If-None-Match" })
            (await api.PostAsync(path, body, (header, "\"7\""))).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(1);
        (await api.PostAsync(path, body)).Status.ShouldBeOneOf(System.Net.HttpStatusCode.OK, System.Net.HttpStatusCode.Accepted);
    }
}

internal static class BatchAnswers
{
    /// <summary>For each part its version or the code of its error.</summary>
    public static string[] ResultsOf(this ProfileAnswer answer, int results)
    {
        var parts = answer.ShouldBeOk().Body["results"]!.AsArray();
        parts.Count.ShouldBe(results);
        return [.. parts.Select(part => part!["version"]?.ToString() ?? part["error"]!["code"]!.GetValue<string>())];
    }
}
