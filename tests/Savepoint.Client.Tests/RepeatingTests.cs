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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_change_whose_outcome_the_server_does_not_know_is_asked_for_again_under_its_number(bool tookEffect) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await ConnectAsync(server);
        server.Treat = _ => tookEffect ? Treatment.LoseAnswer : Treatment.Ignore;
        var paying = Pay(client);
        var unit = await server.NextUnit();
        var refusals = 1;
        server.Treat = _ => refusals-- > 0 ? Treatment.Refuse : Treatment.Normal;
        server.Push(OutcomeUnknown(unit));
        await paying;
        server.Units.Select(sent => sent.Request).ShouldBe([1UL, 1, 1], "a refusal for now of the repeat settles nothing either");
        server.Entity("ada")["gold"].ShouldBe(1);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_save_whose_outcome_the_server_does_not_know_is_neither_taken_back_nor_doubled(bool tookEffect) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await ConnectAsync(server);
        var profile = await client.OpenAsync();
        var refused = 0;
        profile.ChangeRefused += _ => refused++;
        server.Treat = message => message.Unit is null ? Treatment.Normal : tookEffect ? Treatment.LoseAnswer : Treatment.Ignore;
        profile.Data.AddGold(5);
        var saving = profile.SaveAsync();
        var unit = await server.NextUnit();
        server.Treat = _ => Treatment.Normal;
        server.Push(OutcomeUnknown(unit));
        (await saving).ShouldBe(2);
        profile.Data.AddGold(1);
        await profile.SaveAsync();
        (profile.Data.Gold, server.Entity("ada")["gold"].AsInt64(), refused).ShouldBe((6L, 6L, 0));
    });

    [Fact]
    public void A_change_whose_outcome_stays_unknown_is_given_up_when_it_may_be_forgotten() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Refusal = new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true } };
        await using var client = await ConnectAsync(server);
        server.Treat = _ => Treatment.Refuse;
        var paying = Pay(client);
        var error = await Expect.FailureAsync(paying);
        (error.Code, error.Outcome).ShouldBe((ErrorCodes.WriterExpired, RequestOutcome.Unknown));
        simulation.Time.Elapsed.ShouldBe(Remembered, TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void The_end_of_a_session_is_asked_for_again_too() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await ConnectAsync(server);
        var profile = await client.OpenAsync();
        server.Treat = _ => Treatment.Ignore;
        var ending = profile.EndSessionAsync();
        var end = await server.Next(message => message.EndSession is not null);
        server.Treat = _ => Treatment.Normal;
        server.Push(OutcomeUnknown(end));
        await ending;
        server.Entity("ada").IsHeld.ShouldBeFalse();
    });

    private static ServerMessage OutcomeUnknown(ClientMessage message) =>
        new() { Request = message.Request, Error = new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true } };

    private static Task<SavepointClient> ConnectAsync(FakeServer server) =>
        server.ConnectClientAsync(options => options with { RequestTimeout = TimeSpan.FromHours(1) });

    private static Task<IReadOnlyList<long>> Pay(SavepointClient client) =>
        client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", 1)));
}
