using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Purchases are granted once.</summary>
public sealed class PurchaseTests
{
    [Fact]
    public void A_purchase_is_granted_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.Granted);
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
        server.Entity("ada")["purchases[\"order-1\"]"].ShouldBe(DateTimeOffset.Parse("2030-01-01T00:00:00Z"));
        server.Units.Single().Unit.Reason.ShouldBe("purchase");
    });

    [Fact]
    public void Only_the_newest_purchases_are_remembered() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var options = new PurchaseOptions { Remembered = 3 };
        for (var i = 1; i <= 5; i++)
        {
            await profile.PurchaseAsync($"order-{i}", data => data.Gold += 1, options);
            await simulation.Delay(1);
        }
        server.Entity("ada")["purchases"].AsMap().Select(entry => entry.Key).ShouldBe(["order-3", "order-4", "order-5"]);
    });

    [Fact]
    public void A_purchase_whose_save_failed_is_finished_by_asking_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        await Expect.FailureAsync(profile.PurchaseAsync("order-1", data => data.Gold += 100));
        server.Treat = _ => Treatment.Normal;
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
    });
}
