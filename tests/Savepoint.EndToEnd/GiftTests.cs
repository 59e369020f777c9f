using Savepoint.Client;

namespace Savepoint.EndToEnd;

/// <summary>A back end that gives while a game server sells: increments with bounds count on both sides (P3, P5).</summary>
public class GiftTests
{
    private const string Kind = "profile";
    private const int Rounds = 300;
    private const long Purse = Rounds * 5;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gift_of_the_back_end_and_a_purchase_on_a_game_server_at_the_same_moment_both_count()
    {
        await using var server = await TestServer.StartAsync();
        await using var gameServer = await server.ConnectAsync("gs-1");
        await using var shop = await server.ConnectAsync("shop");
        var ada = (await gameServer.Store(Kind).OpenSessionAsync("ada", cancellationToken: Cancelled)).ProfileOrThrow();

        ada["gold"] = Purse;
        await ada.SaveAsync(Cancelled);

        var spending = SpendAsync(ada);
        var giving = GiveAsync(shop);
        var (spent, given) = (await spending, await giving);

        (spent, given).ShouldBe((Rounds * 5, Rounds * 7));
        var view = await shop.Store(Kind).ViewAsync("ada", cancellationToken: Cancelled);
        (view!["gold"].AsInt64(), view["gifts"].AsInt64()).ShouldBe((Purse + given - spent, Rounds));
        await ReachAsync(ada, view.Version);
        ada["gold"].AsInt64().ShouldBe(Purse + given - spent);
        ada["swords"].AsInt64().ShouldBe(spent / 5);
        ada.IsActive.ShouldBeTrue("nobody has taken the session");
        ada.ChecksumMismatches.ShouldBe(0);

        // What does not commute is the holder's alone, and a bound holds for everybody.
        (await RefusedAsync(shop, delta => delta.Set("gold", 1L))).ShouldBe("session.required");
        (await RefusedAsync(shop, delta => delta.Increment("gold", -1_000_000, min: 0))).ShouldBe("document.out_of_bounds");
        (await RefusedAsync(shop, delta => delta.Increment("gold", 1_000_000, max: 999_999))).ShouldBe("document.out_of_bounds");
    }

    /// <summary>Buys swords for 5 each, one save after the other.</summary>
    private static async Task<long> SpendAsync(Profile<Untyped> ada)
    {
        for (var round = 0; round < Rounds; round++)
        {
            ada.Change(
                () =>
                {
                    ada.Increment("gold", -5, min: 0);
                    ada.Increment("swords", 1L);
                },
                "shop:sword");
            await ada.SaveAsync(Cancelled);
        }

        return Rounds * 5;
    }

    private static async Task<long> GiveAsync(SavepointClient shop)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await shop.TransactAsync(
                gift => gift.Change(Kind, "ada", delta =>
                {
                    delta.Increment("gold", 7, max: 1_000_000);
                    delta.Increment("gifts", 1L);
                }),
                "gift",
                Cancelled);
        }

        return Rounds * 7;
    }

    /// <summary>What others change is pushed: a save of one's own does not wait for it.</summary>
    private static async Task ReachAsync(Profile<Untyped> profile, long version)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        profile.Changed += _ =>
        {
            if (profile.Version >= version)
                reached.TrySetResult();
        };
        if (profile.Version < version)
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
    }

    private static async Task<string> RefusedAsync(SavepointClient client, Action<Documents.DeltaWriter> write) =>
        (await Should.ThrowAsync<SavepointException>(() => client.TransactAsync(unit => unit.Change(Kind, "ada", write), cancellationToken: Cancelled))).Code;
}
