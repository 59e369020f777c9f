using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Savepoint.Client;

namespace Savepoint.EndToEnd;

/// <summary>A shop's webhook and a game server that grant the same purchases at the same moment (P24).</summary>
public class PurchaseTests
{
    private const int Orders = 200;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_purchase_is_granted_once_though_a_back_end_and_a_game_server_grant_it_at_the_same_moment()
    {
        await using var server = await TestServer.StartAsync();
        await using var gameServer = await server.ConnectAsync("gs-1");
        var ada = (await gameServer.Store("profile").OpenSessionAsync("ada", cancellationToken: Cancelled)).ProfileOrThrow();
        ada["gold"] = 0L;
        await ada.SaveAsync(Cancelled);
        using var webhook = new HttpClient { BaseAddress = server.Process.Address };
        webhook.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Process.GameServerSecret);

        var (byGame, byBackEnd) = (0, 0);
        for (var order = 0; order < Orders; order++)
        {
            var name = $"order-{order}";
            var both = new[] { PostAsync(webhook, name), BuyAsync(ada, name), BuyAsync(ada, name) };
            var granted = await Task.WhenAll(both);
            granted.Count(isGranted => isGranted).ShouldBe(1, name);
            (byBackEnd, byGame) = granted[0] ? (byBackEnd + 1, byGame) : (byBackEnd, byGame + 1);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{byBackEnd} by the back end, {byGame} by the game server");
        await ada.SaveAsync(Cancelled);
        var view = await gameServer.Store("profile").ViewAsync("ada", cancellationToken: Cancelled);
        (view!["gold"].AsInt64(), view["purchases"].AsMap().Count).ShouldBe((Orders * 100L, Orders));
        (ada["gold"].AsInt64(), ada.ChecksumMismatches, ada.IsActive).ShouldBe((Orders * 100L, 0, true));
    }

    private static async Task<bool> BuyAsync(Profile<Untyped> ada, string order) =>
        await ada.PurchaseAsync(order, () => ada.Increment("gold", 100L), cancellationToken: Cancelled) == PurchaseResult.Granted;

    private static async Task<bool> PostAsync(HttpClient webhook, string order)
    {
        using var body = new StringContent($$"""{"purchaseId":"{{order}}","operations":[{"op":"increment","path":"gold","by":100}]}""", Encoding.UTF8, "application/json");
        using var answer = await webhook.PostAsync(new Uri("/api/v1/profiles/ada/purchases", UriKind.Relative), body, Cancelled);
        var text = await answer.Content.ReadAsStringAsync(Cancelled);
        answer.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!["result"]!.GetValue<string>() == "granted";
    }
}
