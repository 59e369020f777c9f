using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class PurchaseTests
{
    private const string Buy = """{"purchaseId":"order-1","operations":[{"op":"increment","path":"gold","by":100}]}""";

    [Fact]
    public async Task A_purchase_is_granted_once_however_often_it_comes()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        await using (var server = await ProfileApi.StartAsync("--data", data.FullName))
        {
            var api = ProfileApi.Of(server);
            (await api.PostAsync("profiles/alice/purchases", Buy)).ShouldBeProblem(404, "entity.not_found");
            await api.CreateAsync("alice", """{"gold":1}""");
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => api.PostAsync("profiles/alice/purchases", Buy)));
            answers.Count(answer => answer.ShouldBeOk().Body["result"]!.GetValue<string>() == "granted").ShouldBe(1);
            answers.ShouldAllBe(answer => answer.Version == 2);
        }

        await using (var server = await ProfileApi.StartAsync("--data", data.FullName))
        {
            var api = ProfileApi.Of(server);
            (await api.PostAsync("profiles/alice/purchases", Buy)).Body["result"]!.GetValue<string>().ShouldBe("alreadyGranted");
            (await api.GetAsync("profiles/alice?path=gold")).Body["value"]!.GetValue<int>().ShouldBe(101);
            (await api.GetAsync("profiles/alice/versions?limit=1")).Body["versions"]![0]!["reason"]!.GetValue<string>().ShouldBe("purchase");
            (await api.PostAsync("profiles/alice/purchases", Buy.Replace("order-1", "order-2", StringComparison.Ordinal))).Body["result"]!.GetValue<string>().ShouldBe("granted");
        }

        data.Delete(recursive: true);
    }

    [Fact]
    public async Task What_can_not_be_granted_is_not_recorded()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        const string tooDear = """{"purchaseId":"order-1","operations":[{"op":"increment","path":"gold","by":-100,"min":0}]}""";
        (await api.PostAsync("profiles/alice/purchases", tooDear)).ShouldBeProblem(422, "document.out_of_bounds").Body["path"]!.GetValue<string>().ShouldBe("gold");
        (await api.DocumentAsync("alice")).ShouldBe("""{"gold":1}""");
        (await api.PostAsync("profiles/alice/purchases", Buy)).Body["result"]!.GetValue<string>().ShouldBe("granted");
    }

    [Fact]
    public async Task A_purchase_goes_through_while_a_game_server_has_the_profile()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await using var gameServer = await server.ConnectAsync(TestClient.AsGameServer());
        await gameServer.OpenAsync("alice");
        (await api.PostAsync("profiles/alice/purchases", Buy)).Body["result"]!.GetValue<string>().ShouldBe("granted");
        (await api.PostAsync("profiles/alice/purchases", Buy)).Body["result"]!.GetValue<string>().ShouldBe("alreadyGranted");
    }

    [Fact]
    public async Task A_purchase_that_the_SDK_has_granted_is_granted()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1,"purchases":{"order-1":{"$timestamp":"2026-01-31T12:00:00.0000000Z"}}}""");
        (await api.PostAsync("profiles/alice/purchases", Buy)).Body["result"]!.GetValue<string>().ShouldBe("alreadyGranted");
        (await api.GetAsync("profiles/alice?path=gold")).Body["value"]!.GetValue<int>().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"operations":[]}""", 400)]
    [InlineData("""{"purchaseId":"x"}""", 400)]
    [InlineData("""{"purchaseId":"x","operations":[],"record":""}""", 400)]
    [InlineData("""{"purchaseId":"x","operations":[],"record":"gold"}""", 422)]
    public async Task A_purchase_that_can_not_be_is_refused(string body, int status)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        ((int)(await api.PostAsync("profiles/alice/purchases", body)).Status).ShouldBe(status);
    }
}
