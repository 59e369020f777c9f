using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Changes of several profiles at once.</summary>
public sealed class TransactionTests
{
    [Fact]
    public void A_transaction_changes_profiles_with_and_without_a_session_here_at_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var versions = await client.TransactAsync(
            t => t.Change("profile", "ada", d => d.Increment("gold", -4, min: 0)).Change("profile", "bob", d => d.Increment("gold", 4)), "trade");
        versions.ShouldBe([3L, 1L]);
        await simulation.Delay(0.1);
        profile.Data.Gold.ShouldBe(6);
        server.Units.Last().Unit.Mutations.Select(mutation => mutation.Session).ShouldBe([1UL, 0UL]);
        server.Units.Last().Unit.Reason.ShouldBe("trade");
    });
}
