using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>How changes come to be saved, and what is told when they are not.</summary>
public sealed class SavingTests
{
    [Fact]
    public void SaveAsync_returns_when_all_changes_made_before_are_durable() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var saved = new List<long>();
        profile.Saved += saved.Add;
        profile.Data.Gold += 5;
        profile.Data.Gold += 7;
        var version = await profile.SaveAsync();
        (version, profile.Version, profile.HasUnsavedChanges).ShouldBe((2L, 2L, false));
        server.Entity("ada")["gold"].ShouldBe(12);
        saved.ShouldBe([2L]);
        (await profile.SaveAsync()).ShouldBe(2);
        server.Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_save_waits_for_the_one_before_it_and_takes_along_all_that_was_changed_meanwhile() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold += 1;
        var first = profile.SaveAsync();
        profile.Data.Gold += 2;
        profile.Data.Gold += 3;
        var second = profile.SaveAsync();
        (await first).ShouldBe(2);
        (await second).ShouldBe(3);
        server.Entity("ada")["gold"].ShouldBe(6);
        server.Units.Count().ShouldBe(2);
    });

    [Fact]
    public void Changes_are_saved_by_themselves_after_the_autosave_interval() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { AutosaveInterval = TimeSpan.FromSeconds(3) });
        var profile = await client.OpenAsync();
        var saving = 0;
        profile.Saving += () =>
        {
            saving++;
            profile.Data.Health = 55;
        };
        var start = simulation.Time.Elapsed;
        profile.Data.Gold = 5;
        await Expect.Event<long>(handler => profile.Saved += handler);
        (simulation.Time.Elapsed - start).ShouldBe(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        saving.ShouldBe(1);
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Entity("ada")["health"].ShouldBe(55);
        await simulation.Delay(20);
        server.Units.Count().ShouldBe(1);
    });

    [Fact]
    public void Much_unsaved_data_is_saved_without_waiting_for_the_interval() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { AutosaveInterval = TimeSpan.FromMinutes(5), AutosaveBytes = 1000 });
        var profile = await client.OpenAsync();
        profile.Data.Name = new string('a', 1200);
        await Expect.Event<long>(handler => profile.Saved += handler);
        simulation.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void Setting_a_property_to_what_it_is_changes_nothing() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Name = "Nobody";
        profile.Data.Gold = 0;
        profile.Data.Gold += 0;
        profile["health"] = 100;
        profile.Data.Title = null;
        profile.HasUnsavedChanges.ShouldBeFalse();
    });

    [Fact]
    public void Changes_with_a_reason_are_saved_in_a_unit_of_their_own() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Health = 90;
        profile.Change(data =>
        {
            data.Gold += 100;
            data.Experience += 2.5;
        }, "quest:dragon");
        profile.Change(data => data.Gold -= 30, "shop:sword");
        profile.Change(data => data.Gold -= 30, "shop:sword");
        await profile.SaveAsync();
        server.Units.Select(unit => unit.Unit.Reason).ShouldBe(["", "quest:dragon", "shop:sword"]);
        server.Entity("ada")["gold"].ShouldBe(40);
        Should.Throw<ArgumentException>(() => profile.Change(data => data.Gold++, new string('r', 65)));
    });

    [Fact]
    public void A_transient_refusal_is_the_callers_and_the_changes_are_saved_later() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        profile.Data.Gold = 5;
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.IsTransient, error.Outcome).ShouldBe((ErrorCodes.Overloaded, true, RequestOutcome.NotApplied));
        (profile.Data.Gold, profile.HasUnsavedChanges).ShouldBe((5L, true));
        server.Treat = _ => Treatment.Normal;
        await Expect.Event<long>(handler => profile.Saved += handler);
        server.Entity("ada")["gold"].ShouldBe(5);
    });

    [Fact]
    public void A_save_that_takes_too_long_says_so_and_goes_on() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.IsDown = true;
        server.Break();
        profile.Data.Gold = 5;
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.Timeout, true));
        server.IsDown = false;
        await Expect.Event<long>(handler => profile.Saved += handler);
        server.Entity("ada")["gold"].ShouldBe(5);
    });

    [Fact]
    public void Changes_go_on_without_a_connection_and_are_saved_after_it() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.IsDown = true;
        server.Break();
        await simulation.Delay(2);
        client.IsConnected.ShouldBeFalse();
        profile.Data.Gold += 5;
        server.Change("ada", delta => delta.Increment("gold", 100));
        await simulation.Delay(2);
        server.IsDown = false;
        await profile.SaveAsync();
        await simulation.Delay(1);
        profile.Data.Gold.ShouldBe(105);
        server.Entity("ada")["gold"].ShouldBe(105);
        server.Requests.Count(message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession && message.OpenSession.Resume == 1).ShouldBe(1);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_save_whose_answer_was_lost_counts_once(bool keepsDeltas) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { KeepsDeltas = keepsDeltas };
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.LoseAnswer : Treatment.Normal;
        server.Entity("ada").Watches.Clear();
        profile.Data.Gold += 5;
        var saving = profile.SaveAsync();
        await server.NextUnit();
        server.Treat = _ => Treatment.Normal;
        server.Break();
        profile.Data.Gold += 7;
        (await saving).ShouldBe(2);
        await profile.SaveAsync();
        (profile.Data.Gold, profile.Version).ShouldBe((12L, 3L));
        server.Entity("ada")["gold"].ShouldBe(12);
        profile.Copy().ContentEquals(server.Entity("ada").Document).ShouldBeTrue();
    });

    [Fact]
    public void Saves_that_keep_failing_are_signalled_until_one_succeeds() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var signals = new List<bool>();
        client.CriticalStateChanged += signals.Add;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        profile.Data.Gold = 5;
        for (var i = 1; i <= 5; i++)
        {
            client.IsCritical.ShouldBeFalse();
            await Expect.FailureAsync(profile.SaveAsync());
        }
        client.IsCritical.ShouldBeTrue();
        server.Treat = _ => Treatment.Normal;
        await Expect.Event<long>(handler => profile.Saved += handler);
        signals.ShouldBe([true, false]);
    });

    [Fact]
    public void Failures_that_are_far_apart_are_not_critical() => Simulation.Run(async simulation =>
    {
        var health = new SaveHealth(simulation.Time);
        for (var i = 0; i < 20; i++)
        {
            health.Failed();
            await simulation.Delay(40);
        }
        health.IsCritical.ShouldBeFalse();
    });
}
