using Savepoint.Client;

namespace Savepoint.EndToEnd;

/// <summary>P18 with a real server over SQLite that is killed in between.</summary>
public class VersionTests
{
    private const string Kind = "profile";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Versions_and_rollbacks_outlive_a_server_that_is_killed()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync("gs-1");
        var store = client.Store(Kind);
        for (var gold = 1L; gold <= 250; gold++)
            await ChangeAsync(client, gold);
        (await store.RollBackAsync("ada", 100, "ticket:1", cancellationToken: Cancelled)).ShouldBe(251);
        await server.Process.KillAsync();

        // Asked while there is no server: it is carried out by the next one, once.
        var asked = store.RollBackAsync("ada", 200, "ticket:2", cancellationToken: Cancelled);
        await server.Process.StartAgainAsync(Cancelled);
        (await asked).ShouldBe(252);
        await store.RemoveAsync("ada", cancellationToken: Cancelled);
        await server.Process.KillAsync();
        await server.Process.StartAgainAsync(Cancelled);
        (await store.RollBackAsync("ada", 251, cancellationToken: Cancelled)).ShouldBe(254);

        var versions = new List<ProfileVersion>();
        await foreach (var version in store.ListVersionsAsync("ada", new VersionQuery { OldestFirst = true, PageSize = 90 }, Cancelled))
            versions.Add(version);
        versions.Select(version => version.Version).ShouldBe(Enumerable.Range(1, 254).Select(version => (long)version));
        versions.ShouldAllBe(version => version.IsReadable && version.HasRecord);
        versions.Where(version => version.RestoredVersion is not null).Select(version => (version.Version, version.RestoredVersion!.Value, version.Reason))
            .ShouldBe([(251, 100, "ticket:1"), (252, 200, "ticket:2"), (254, 251, "")]);
        foreach (var (version, gold) in new[] { (1L, 1L), (77, 77), (250, 250), (251, 100), (252, 200), (254, 100) })
            (await store.ViewAsync("ada", version, Cancelled))!["gold"].AsInt64().ShouldBe(gold);
        (await store.ViewAsync("ada", 253, Cancelled)).ShouldBeNull();
    }

    [Fact]
    public async Task A_rollback_on_its_way_when_the_server_is_killed_takes_effect_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await server.ConnectAsync("gs-1");
        var store = client.Store(Kind);
        for (var gold = 1L; gold <= 20; gold++)
            await ChangeAsync(client, gold);
        for (var round = 0; round < 3; round++)
        {
            var asked = Enumerable.Range(1, 20).Select(version => store.RollBackAsync("ada", version, cancellationToken: Cancelled)).ToList();
            await asked[5];
            await server.Process.KillAsync();
            await server.Process.StartAgainAsync(Cancelled);
            var made = await Task.WhenAll(asked);
            made.Order().ShouldBe(Enumerable.Range(21 + (20 * round), 20).Select(version => (long)version));
            for (var i = 0; i < made.Length; i++)
                (await store.ViewAsync("ada", made[i], Cancelled))!["gold"].AsInt64().ShouldBe(i + 1);
        }
    }

    private static Task<IReadOnlyList<long>> ChangeAsync(SavepointClient client, long gold) =>
        client.TransactAsync(unit => unit.Change(Kind, "ada", delta => delta.Set("gold", gold)), cancellationToken: Cancelled);
}
