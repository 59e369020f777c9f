using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Changes whose outcome nobody knows are asked for again under their number, as long as servers remember outcomes.</summary>
public sealed class RepeatingTests
{
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(9);

    [Theory]
    [InlineData(0)]
    [InlineData(240_000)]
    public void A_repeat_that_is_refused_until_its_outcome_may_be_forgotten_fails_as_unknown_and_is_never_sent_again(int retryAfterMs) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await ConnectAsync(server);
        server.Refusal.RetryAfterMs = (uint)retryAfterMs;
        server.Treat = _ => Treatment.LoseAnswer;
        var paying = Pay(client);
        await server.NextUnit();
        var (sent, last) = (simulation.Time.Elapsed, TimeSpan.Zero);
        server.Treat = _ =>
        {
            last = simulation.Time.Elapsed;
            return Treatment.Refuse;
        };
        server.Break();
        await Task.WhenAny(paying, simulation.Delay(20 * 60));
        server.Writers.Values.Single().Outcomes.Clear();
        server.Treat = _ => Treatment.Normal;
        await simulation.Delay(10 * 60);
        server.Entity("ada")["gold"].ShouldBe(1);
        var error = await Expect.FailureAsync(paying);
        (error.Code, error.Outcome).ShouldBe((ErrorCodes.WriterExpired, RequestOutcome.Unknown));
        (last - sent).ShouldBeLessThan(Remembered + TimeSpan.FromSeconds(1));
        await Pay(client);
        server.Units.Last().Request.ShouldBe(2UL);
        server.Entity("ada")["gold"].ShouldBe(2);
    });

    [Fact]
    public void A_save_whose_repeat_is_refused_for_so_long_is_read_instead_of_saved_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await ConnectAsync(server);
        var profile = await client.OpenAsync();
        var refused = Expect.Event<ChangeRefusal>(handler => profile.ChangeRefused += handler);
        server.Treat = message => message.Unit is null ? Treatment.Normal : Treatment.LoseAnswer;
        profile.Data.AddGold(5);
        var saving = Expect.FailureAsync(profile.SaveAsync());
        await server.NextUnit();
        server.Treat = message => message.Unit is null ? Treatment.Normal : Treatment.Refuse;
        server.Break();
        (await saving).Outcome.ShouldBe(RequestOutcome.Unknown);
        await Task.WhenAny(refused, simulation.Delay(20 * 60));
        server.Writers.Values.Single().Outcomes.Clear();
        server.Treat = _ => Treatment.Normal;
        await simulation.Delay(10 * 60);
        refused.IsCompleted.ShouldBeTrue();
        server.Entity("ada")["gold"].ShouldBe(5);
        profile.Data.AddGold(1);
        await profile.SaveAsync();
        (profile.Data.Gold, server.Entity("ada")["gold"].AsInt64()).ShouldBe((6L, 6L));
    });

    [Fact]
    public void What_waited_for_a_change_that_is_given_up_goes_on() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Window = 1 };
        await using var client = await ConnectAsync(server);
        server.Treat = _ => Treatment.LoseAnswer;
        var lost = Pay(client);
        await server.NextUnit();
        server.Treat = message => message.Request == 1 ? Treatment.Refuse : Treatment.Normal;
        server.Break();
        var waiting = Pay(client);
        (await Expect.FailureAsync(lost)).Outcome.ShouldBe(RequestOutcome.Unknown);
        await waiting;
        server.Entity("ada")["gold"].ShouldBe(2);
    });

    private static Task<SavepointClient> ConnectAsync(FakeServer server) =>
        server.ConnectClientAsync(options => options with { RequestTimeout = TimeSpan.FromHours(1) });

    private static Task Pay(SavepointClient client) => client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", 1)));
}
