using Savepoint.Protocol.Messages;
using Savepoint.Server.Tests.Accounts;
using Savepoint.Streams.Tests;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Accounts whose identities, owners and callers are at different nodes.</summary>
public sealed class AccountTests : IDisposable
{
    private const string AdminSecret = "a-secret-of-an-admin";

    private readonly PlayerApi _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Who_logs_out_at_one_node_is_out_at_all_at_once_streams_included()
    {
        await using var cluster = await StartAsync();
        for (var i = 0; i < 12; i++)
        {
            var (first, second) = (cluster.Nodes[i % 3], cluster.Nodes[(i + 1) % 3]);
            var user = (await _api.RegisterAsync(first.Address, $"user-{i}")).ShouldBe(201);
            foreach (var node in cluster.Nodes)
                (await _api.WhoAmIAsync(node.Address, user.AccessToken)).ShouldBe(200).UserId.ShouldBe(user.UserId);
            await using var stream = new TestClient(await TestCluster.OpenAsync(second.StreamEndpoint, TestContext.Current.CancellationToken), Task.CompletedTask);
            (await stream.HelloAsync(new Hello { PlayerToken = user.AccessToken })).Welcome.ShouldNotBeNull();
            (await _api.SendAsync(HttpMethod.Post, first.Address, "session/logout", null, user.AccessToken)).ShouldBe(204);
            foreach (var node in cluster.Nodes)
            {
                (await _api.WhoAmIAsync(node.Address, user.AccessToken)).ShouldBe(401);
                (await _api.RefreshAsync(node.Address, user.RefreshToken)).ShouldBe(401).Code.ShouldBe("auth.refresh_invalid");
            }

            (await stream.UntilClosedAsync())[^1].Error.Code.ShouldBe("auth.session_ended");
            (await _api.LogInAsync(second.Address, $"USER-{i}")).ShouldBe(200).UserId.ShouldBe(user.UserId);
        }
    }

    [Fact]
    public async Task Whatever_node_they_ask_one_gets_a_name_ten_guesses_count_and_a_token_has_one_successor()
    {
        await using var cluster = await StartAsync();
        var nodes = cluster.Nodes.Select(node => node.Address).ToArray();
        for (var round = 0; round < 4; round++)
        {
            var name = $"wanted-{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => _api.RegisterAsync(nodes[i % 3], name, $"password of {i}")));
            var winner = answers.Where(answer => answer.Status == 201).ShouldHaveSingleItem();
            answers.Where(answer => answer != winner).ShouldAllBe(answer => answer.Status == 409);
            (await _api.LogInAsync(nodes[round % 3], name, $"password of {Array.IndexOf(answers, winner)}")).ShouldBe(200).UserId.ShouldBe(winner.UserId);

            var refreshes = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => _api.RefreshAsync(nodes[i % 3], winner.RefreshToken)));
            refreshes.ShouldAllBe(answer => answer.Status == 200);
            var next = refreshes.Select(answer => answer.RefreshToken).Distinct().ShouldHaveSingleItem();
            (await _api.RefreshAsync(nodes[round % 3], next)).ShouldBe(200);
            (await _api.RefreshAsync(nodes[(round + 1) % 3], winner.RefreshToken)).ShouldBe(401).Code.ShouldBe("auth.refresh_reused");

            var guesses = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => _api.LogInAsync(nodes[i % 3], name, "wrong password")));
            guesses.Count(answer => answer.Status == 401).ShouldBe(10);
            guesses.Count(answer => answer.Status == 429 && answer.Code == "auth.locked_out").ShouldBe(14);
        }
    }

    [Fact]
    public async Task Players_stay_in_when_the_node_of_their_accounts_dies_and_an_erasure_reaches_all_nodes()
    {
        await using var cluster = await StartAsync();
        var users = new List<Answer>();
        for (var i = 0; i < 12; i++)
            users.Add((await _api.RegisterAsync(cluster.Nodes[i % 3].Address, $"user-{i}", key: $"k{i}")).ShouldBe(201));
        for (var i = 0; i < 6; i++)
        {
            var erased = (await _api.SendAsync(HttpMethod.Post, cluster.Nodes[i % 3].Address, $"users/{users[i].UserId}/erase", new { reason = "asked" }, AdminSecret)).ShouldBe(200);
            erased.Body["complete"]!.GetValue<bool>().ShouldBeTrue();
        }

        // Half of the streams are at a node that has to find the new owners of the accounts.
        var streams = new List<TestClient>();
        for (var i = 6; i < users.Count; i++)
        {
            streams.Add(new TestClient(await TestCluster.OpenAsync(cluster.Nodes[1].StreamEndpoint, TestContext.Current.CancellationToken), Task.CompletedTask));
            (await streams[^1].HelloAsync(new Hello { PlayerToken = users[i].AccessToken })).Welcome.ShouldNotBeNull();
        }

        // Its leases outlive it for a while.
        await cluster.Nodes[0].KillAsync();
        await cluster.WaitUntilAsync(
            "the others own all", "select count(*) from leases join nodes using (node_id) where name <> 'node-1' and leases.until > clock_timestamp()", $"{TestCluster.Shards}");
        var node = cluster.Nodes[1].Address;
        for (var i = 0; i < users.Count; i++)
        {
            var isErased = i < 6;
            (await _api.WhoAmIAsync(node, users[i].AccessToken)).ShouldBe(isErased ? 401 : 200);
            (await _api.RefreshAsync(node, users[i].RefreshToken)).ShouldBe(isErased ? 401 : 200);
            (await _api.LogInAsync(node, $"user-{i}")).ShouldBe(isErased ? 401 : 200);
        }

        for (var i = 6; i < users.Count; i++)
        {
            (await _api.SendAsync(HttpMethod.Post, cluster.Nodes[2].Address, "session/logout", null, users[i].AccessToken)).ShouldBe(204);
            await using var stream = streams[i - 6];
            (await stream.UntilClosedAsync())[^1].Error.Code.ShouldBe("auth.session_ended");
        }

        // A name that was erased is free; a registration that is repeated at another node is the one that it was.
        (await _api.RegisterAsync(node, "user-0")).ShouldBe(201).UserId.ShouldNotBe(users[0].UserId);
        (await _api.RegisterAsync(cluster.Nodes[2].Address, "user-11", key: "k11")).ShouldBe(201).UserId.ShouldBe(users[11].UserId);
    }

    private static Task<TestCluster> StartAsync() => TestCluster.StartAsync(
        3, ("Accounts__PasswordIterations", "10000"), ("Access__Keys__0__Secret", AdminSecret), ("Access__Keys__0__Role", "Admin"), ("Access__Keys__0__Name", "root"));
}
