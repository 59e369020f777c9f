using Savepoint.Protocol;
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
        server.Entity("ada")["purchases[\"order-1\"]"].ShouldBe(DateTimeOffset.Parse("2030-01-01T00:00:00Z").ToUnixTimeMilliseconds());
        server.Units.Single().Unit.Reason.ShouldBe("purchase");
    });

    [Fact]
    public void Only_the_newest_purchases_are_remembered() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var options = new PurchaseOptions { Remembered = 3, RememberedFor = TimeSpan.Zero };
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

    [Fact]
    public void A_purchase_that_may_be_asked_for_again_is_not_forgotten_however_many_follow() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var options = new PurchaseOptions { Remembered = 2, RememberedFor = TimeSpan.FromMinutes(10) };
        for (var i = 1; i <= 4; i++)
            await profile.PurchaseAsync($"order-{i}", data => data.Gold += 1, options);
        (await profile.PurchaseAsync("order-1", data => data.Gold += 1, options)).ShouldBe(PurchaseResult.AlreadyGranted);
        await simulation.Delay(601);
        await profile.PurchaseAsync("order-5", data => data.Gold += 1, options);
        server.Entity("ada")["purchases"].AsMap().Select(entry => entry.Key).ShouldBe(["order-4", "order-5"]);
    });

    [Fact]
    public void A_clock_that_goes_back_does_not_make_it_forget_the_purchase_that_it_grants() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("purchases[\"order-9\"]", DateTimeOffset.Parse("2031-01-01T00:00:00Z").ToUnixTimeMilliseconds()));
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var options = new PurchaseOptions { Remembered = 1, RememberedFor = TimeSpan.Zero };
        await profile.PurchaseAsync("order-1", data => data.Gold += 1, options);
        server.Entity("ada")["purchases"].AsMap().Select(entry => entry.Key).ShouldContain("order-1");
    });

    /// <summary>The back end's push has not come yet when the purchase is made here, or comes while that waits for its answer.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_purchase_that_a_back_end_grants_at_the_same_moment_is_granted_once(bool isPushLate, bool isByTheGame) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var refused = new List<ChangeRefusal>();
        profile.ChangeRefused += refused.Add;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Hold : Treatment.Normal;
        var sent = server.NextUnit();
        var purchase = profile.PurchaseAsync("order-1", data => data.Gold += 100);
        await sent;
        profile.Data.Gold.ShouldBe(100);
        if (isPushLate)
        {
            var delta = Deltas.Written(write => GrantByBackEnd(write, false));
            Delta.Apply(server.Entity("ada").Document, delta);
            server.Entity("ada").Record(delta);
        }
        else
        {
            server.Change("ada", write => GrantByBackEnd(write, isByTheGame));
        }

        server.Treat = _ => Treatment.Normal;
        server.TakeHeld();
        (await purchase).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
        profile.HasUnsavedChanges.ShouldBeFalse();
        refused.Single().Reason.ShouldBe("purchase");
        if (!isPushLate)
            profile.Data.Gold.ShouldBe(100);
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
    });

    [Fact]
    public void A_purchase_that_a_back_end_grants_before_it_was_sent_is_granted_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Hold : Treatment.Normal;
        profile.Data.Health = 2;
        var sent = server.NextUnit();
        var save = profile.SaveAsync();
        await sent;
        var purchase = profile.PurchaseAsync("order-1", data => data.Gold += 100);
        server.Change("ada", write => GrantByBackEnd(write, false));
        (await purchase).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Treat = _ => Treatment.Normal;
        server.TakeHeld();
        await save;
        server.Units.Count().ShouldBe(1);
        profile.Data.Gold.ShouldBe(100);
    });

    [Fact]
    public void A_purchase_whose_outcome_got_lost_is_granted_once_when_it_is_asked_for_again_at_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { SaveTimeout = TimeSpan.FromMinutes(20) });
        var profile = await client.OpenAsync();
        server.Refusal = new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true };
        server.Treat = message => message.BodyCase switch
        {
            ClientMessage.BodyOneofCase.Unit => Treatment.Refuse,
            ClientMessage.BodyOneofCase.Get => Treatment.Hold,
            _ => Treatment.Normal,
        };

        // It did take effect, as nobody knows any more.
        var delta = Deltas.Written(write => GrantByBackEnd(write, false));
        Delta.Apply(server.Entity("ada").Document, delta);
        server.Entity("ada").Record(delta);
        (await Expect.FailureAsync(profile.PurchaseAsync("order-1", data => data.Gold += 100))).Outcome.ShouldBe(RequestOutcome.Unknown);

        // The copy here does not have it yet.
        profile.Data.Gold.ShouldBe(0);
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Normal : Treatment.Hold;
        var again = profile.PurchaseAsync("order-1", data => data.Gold += 100);
        await simulation.Delay(1);
        server.Treat = _ => Treatment.Normal;
        server.TakeHeld();
        (await again).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
        profile.Data.Gold.ShouldBe(100);
    });

    [Fact]
    public void A_purchase_whose_answer_got_lost_with_the_connection_is_granted_once() => Simulation.Run(async simulation =>
    {
        foreach (var (marks, keeps) in new[] { (true, true), (false, true), (true, false), (false, false) })
        {
            var server = new FakeServer(simulation) { MarksOwnChanges = marks, KeepsDeltas = keeps };
            await using var client = await server.ConnectClientAsync();
            var profile = await client.OpenAsync();
            server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.LoseAnswer : Treatment.Normal;
            server.PushBeforeAnswer = false;
            var sent = server.NextUnit();
            var purchase = profile.PurchaseAsync("order-1", data => data.Gold += 100);
            await sent;
            server.Treat = _ => Treatment.Normal;
            server.Break();
            (await purchase).ShouldBe(PurchaseResult.Granted);
            server.Entity("ada")["gold"].ShouldBe(100);
            profile.Data.Gold.ShouldBe(100);
        }
    });

    [Fact]
    public void A_grant_that_is_refused_is_no_purchase_that_was_granted_before() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 50));
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        foreach (var isSent in new[] { true, false })
        {
            server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Hold : Treatment.Normal;
            var sent = server.NextUnit();
            if (!isSent)
            {
                profile.Data.Health = 2;
                _ = profile.SaveAsync();
                await sent;
            }

            var purchase = profile.PurchaseAsync("order-1", data => data.AddGold(-50, min: 0));
            if (isSent)
                await sent;
            server.Change("ada", write => write.Increment("gold", isSent ? -50 : -49));
            server.Treat = _ => Treatment.Normal;
            server.TakeHeld();
            (await Expect.FailureAsync(purchase)).Code.ShouldBe("document.out_of_bounds");
            server.Entity("ada")["purchases"].IsNone.ShouldBeTrue();
            server.Change("ada", write => write.Increment("gold", 50));
            await profile.SaveAsync();
            await simulation.Delay(1);
        }
    });

    [Fact]
    public void A_purchase_goes_on_where_another_change_is_refused() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 50));
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Hold : Treatment.Normal;
        profile.Change(data => data.AddGold(-50, min: 0), "shop");
        var sent = server.NextUnit();
        var first = profile.PurchaseAsync("order-1", data => data.Gold += 100);
        var second = profile.PurchaseAsync("order-1", data => data.Gold += 100);
        await sent;
        server.Change("ada", write => write.Increment("gold", -1));
        server.Treat = _ => Treatment.Normal;
        server.TakeHeld();
        (await first).ShouldBe(PurchaseResult.Granted);
        (await second).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(149);
    });

    /// <summary>What POST …/purchases commits, or a game that records moments by itself.</summary>
    private static void GrantByBackEnd(DeltaWriter delta, bool isMoment)
    {
        const long Now = 1_893_456_000_123;
        if (isMoment)
            delta.Set("purchases[\"order-1\"]", DateTimeOffset.FromUnixTimeMilliseconds(Now));
        else
            delta.Increment("purchases[\"order-1\"]", Now, min: Now, max: Now);
        delta.Increment("gold", 100);
    }
}
