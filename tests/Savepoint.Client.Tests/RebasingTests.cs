using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>What is not saved yet, among the changes of others and of refusals.</summary>
public sealed class RebasingTests
{
    [Fact]
    public void Additions_from_both_sides_count() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var changes = new List<PropertyChange<long>>();
        profile.Data.GoldChanged += changes.Add;
        profile.Data.Gold += 100;
        server.Change("ada", delta => delta.Increment("gold", 50));
        await simulation.Delay(0.2);
        profile.Data.Gold.ShouldBe(150);
        server.Entity("ada")["gold"].ShouldBe(50);
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(150);
        profile.Data.Gold.ShouldBe(150);
        changes.ShouldBe([new(0, 100, ChangeOrigin.Local), new(100, 150, ChangeOrigin.Remote)]);
    });

    [Fact]
    public void An_unsaved_value_stays_over_a_value_from_elsewhere() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Name = "Ada";
        server.Change("ada", delta =>
        {
            delta.Set("name", "Eve");
            delta.Set("health", 1);
        });
        await simulation.Delay(0.2);
        (profile.Data.Name, profile.Data.Health, profile.Version).ShouldBe(("Ada", 1, 2L));
        await profile.SaveAsync();
        server.Entity("ada")["name"].ShouldBe("Ada");
    });

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    public void Own_changes_count_once_in_whatever_way_push_and_answer_come(bool pushFirst, bool omitDeltas, bool marked) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { PushBeforeAnswer = pushFirst, OmitOwnDeltas = omitDeltas, MarksOwnChanges = marked };
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        for (var i = 0; i < 20; i++)
        {
            profile.Data.Gold += 1;
            profile.Data.Items.Add($"item {i}");
            server.Change("ada", delta => delta.Increment("gold", 100));
            await profile.SaveAsync();
        }
        await simulation.Delay(1);
        profile.Copy().ContentEquals(server.Entity("ada").Document).ShouldBeTrue();
        (profile.Data.Gold, profile.ChecksumMismatches).ShouldBe((2020L, 0));
    });

    [Fact]
    public void A_refused_change_is_taken_back_and_reported() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var refusals = new List<ChangeRefusal>();
        profile.ChangeRefused += refusals.Add;
        var changes = new List<PropertyChange<long>>();
        profile.Data.GoldChanged += changes.Add;
        profile.Change(data => data.AddGold(-8, min: 0), "shop:sword");
        // Elsewhere somebody is faster, and the server can't tell in time.
        server.Entity("ada").Document = server.Entity("ada").Document.Clone();
        Delta.Apply(server.Entity("ada").Document, Deltas.Written(delta => delta.Set("gold", 5)));
        server.Entity("ada").Record(Deltas.Written(delta => delta.Set("gold", 5)));
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.Path, error.Outcome).ShouldBe(("document.out_of_bounds", "gold", RequestOutcome.NotApplied));
        refusals.ShouldHaveSingleItem().Reason.ShouldBe("shop:sword");
        refusals[0].Paths.ShouldBe([Path.Parse("gold")]);
        profile.Data.Gold.ShouldBe(10);
        changes.Select(change => change.NewValue).ShouldBe([2L, 10L]);
        profile.Data.Name = "Ada";
        await profile.SaveAsync();
    });

    [Fact]
    public void A_change_that_others_left_no_room_for_is_taken_back_before_it_is_sent() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var refused = Expect.Event<ChangeRefusal>(handler => profile.ChangeRefused += handler);
        profile.Data.AddGold(-8, min: 0);
        server.Change("ada", delta => delta.Increment("gold", -5));
        (await refused).Error.Code.ShouldBe("document.out_of_bounds");
        profile.Data.Gold.ShouldBe(5);
        profile.HasUnsavedChanges.ShouldBeFalse();
    });

    [Fact]
    public void Of_a_change_that_throws_nothing_is_left() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold = 5;
        Should.Throw<NotSupportedException>(() => profile.Change(data =>
        {
            data.Gold += 100;
            data.Items.Add("sword");
            throw new NotSupportedException();
        }));
        (profile.Data.Gold, profile.Data.Items.Count).ShouldBe((5L, 0));
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(5);
        Should.Throw<SavepointException>(() => profile.Data.AddGold(-6, min: 0)).Code.ShouldBe("document.out_of_bounds");
        profile.Data.Gold.ShouldBe(5);
    });

    [Fact]
    public void A_change_beyond_what_may_wait_for_the_server_is_refused() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { MaxPendingBytes = 64 << 10 });
        var profile = await client.OpenAsync();
        server.Treat = _ => Treatment.Ignore;
        profile["a"] = new string('a', 40_000);
        var error = Should.Throw<SavepointException>(() => profile["b"] = new string('b', 40_000));
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.QueueFull, true));
        profile["b"].IsNone.ShouldBeTrue();
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await profile.SaveAsync();
    });
}
