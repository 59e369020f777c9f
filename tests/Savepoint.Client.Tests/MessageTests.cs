using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class MessageTests
{
    [Fact]
    public void What_a_handler_changes_is_saved_with_the_removal_of_its_message() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        profile.MessageHandler = message => profile.Data.Gold += message.Body.Get("gold").AsInt64();
        profile.Data.Health = 1;
        (await store.SendMessageAsync("ada", Gift(5))).ShouldBe(1);
        var unit = await server.Next(message => message.BodyCase == ClientMessage.BodyOneofCase.Unit && message.Unit.Mutations[0].ProcessedMessages.Count > 0);
        unit.Unit.Mutations[0].ProcessedMessages.ShouldBe([1UL]);
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Entity("ada").Messages.ShouldBeEmpty();
    });

    [Fact]
    public void Messages_wait_for_a_handler() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        await store.SendMessageAsync("ada", Gift(5));
        await store.SendMessageAsync("ada", Gift(7));
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        await store.SendMessageAsync("ada", Gift(9));
        await simulation.Delay(1);
        var handled = new List<ProfileMessage>();
        profile.MessageHandler = handled.Add;
        handled.Select(message => message.Id).ShouldBe([1L, 2L, 3L]);
        (handled[0].Sender, handled[0].SentAt).ShouldBe(("sender", DateTimeOffset.FromUnixTimeMilliseconds(1)));
        await profile.SaveAsync();
        server.Entity("ada").Messages.ShouldBeEmpty();
    });

    [Fact]
    public void A_message_whose_removal_was_not_answered_is_not_handled_again_after_a_reconnect() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        await store.SendMessageAsync("ada", Gift(5));
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Ignore : Treatment.Normal;
        profile.MessageHandler = message => profile.Data.Gold += message.Body.Get("gold").AsInt64();
        await server.NextUnit();
        server.Break();
        await server.Next(message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession);
        await simulation.Delay(1);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await profile.SaveAsync();
        await simulation.Delay(5);
        (profile.Data.Gold, server.Entity("ada")["gold"]).ShouldBe((5L, 5));
    });

    [Fact]
    public void A_message_whose_handler_throws_stays_and_leaves_no_change() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        await store.SendMessageAsync("ada", Gift(5));
        var failures = new List<Exception>();
        client.HandlerFailed += failures.Add;
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        profile.MessageHandler = _ =>
        {
            profile.Data.Gold += 1000;
            throw new NotSupportedException();
        };
        failures.ShouldHaveSingleItem().ShouldBeOfType<NotSupportedException>();
        await profile.EndSessionAsync();
        server.Entity("ada").Messages.Count.ShouldBe(1);
        server.Entity("ada")["gold"].ShouldBe(0);
    });

    [Fact]
    public void A_message_that_changes_nothing_is_removed_all_the_same() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        await store.SendMessageAsync("ada", Gift(5));
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        profile.MessageHandler = _ => { };
        await profile.SaveAsync();
        server.Entity("ada").Messages.ShouldBeEmpty();
    });

    private static Document Gift(long gold) => new(new MapBuilder { ["gold"] = gold }.Build());
}
