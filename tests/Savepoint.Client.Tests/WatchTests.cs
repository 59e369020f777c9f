using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class WatchTests
{
    [Fact]
    public void A_watch_shows_the_state_and_then_each_change() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        watched.Data.Gold.ShouldBe(5);
        var changes = new List<PropertyChange<long>>();
        watched.Data.GoldChanged += changes.Add;
        server.Change("ada", delta => delta.Increment("gold", 2), checksum: true);
        server.Change("ada", delta => delta.Set("gold", 3), checksum: true);
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 3);
        changes.ShouldBe([new(5, 7, ChangeOrigin.Remote), new(7, 3, ChangeOrigin.Remote)]);
        (watched.Version, watched.Resyncs).ShouldBe((3L, 0));
        Should.Throw<SavepointException>(() => watched.Data.Gold = 9).Code.ShouldBe(ClientErrorCodes.ReadOnly);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_reconnect_a_watch_goes_on_from_its_version(bool keepsDeltas) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { KeepsDeltas = keepsDeltas };
        server.Put("ada", ("gold", 5), ("name", "Ada"));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        var changes = new List<string>();
        watched.Changed += change => changes.Add($"{change.Path} {change.OldValue}->{change.NewValue}");
        server.Break();
        server.Change("ada", delta => delta.Set("gold", 6));
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 2);
        changes.ShouldBe(["gold 5->6"]);
        server.Requests.Last().Watch.FromVersion.ShouldBe(1UL);
        server.Change("ada", delta => delta.Set("gold", 7));
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 3);
        watched.Data.Gold.ShouldBe(7);
    });

    [Fact]
    public void A_gap_is_mended_by_a_snapshot_and_what_came_meanwhile_is_not_lost() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        var watches = server.Entity("ada").Watches.ToArray();
        server.Entity("ada").Watches.Clear();
        server.Change("ada", delta => delta.Increment("gold", 1));
        server.Entity("ada").Watches.AddRange(watches);
        server.Change("ada", delta => delta.Increment("gold", 10));
        server.Change("ada", delta => delta.Increment("gold", 100));
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 4);
        server.Change("ada", delta => delta.Increment("gold", 1000), checksum: true);
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 5);
        (watched.Data.Gold, watched.Resyncs, watched.ChecksumMismatches).ShouldBe((1116L, 1, 0));
    });

    [Fact]
    public void Another_checksum_than_the_servers_is_counted_and_mended() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        var wrong = new DeltaWriter();
        wrong.Increment("gold", 999);
        server.Change("ada", delta => delta.Increment("gold", 1), checksum: true, change => change.Delta = ByteString.CopyFrom(wrong.WrittenSpan));
        await simulation.Delay(1);
        (watched.Data.Gold, watched.ChecksumMismatches).ShouldBe((6L, 1));
    });

    [Fact]
    public void A_delta_that_does_not_fit_is_mended_by_a_snapshot() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        server.Change("ada", delta => delta.Increment("gold", 1), checksum: false, change => change.Delta = ByteString.CopyFrom(1, 2, 3));
        await simulation.Delay(1);
        (watched.Data.Gold, watched.Resyncs).ShouldBe((6L, 1));
    });

    [Fact]
    public void Changes_that_were_folded_into_a_snapshot_show_as_what_is_different() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5), ("items", Value.FromList("sword", "bow")));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        var items = new List<string>();
        watched.Data.Items.Changed += change => items.Add($"{change.Kind} {change.Index} {change.OldItem}->{change.NewItem}");
        server.Put("ada", ("items", Value.FromList("sword", "axe", "helm")));
        server.PushTo("ada", watch => new ServerMessage
        {
            Snapshot = new Snapshot { Watch = watch, Version = 8, Document = ByteString.CopyFrom(server.Entity("ada").Document.ToBytes()) },
        });
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 8);
        items.ShouldBe(["Set 1 bow->axe", "Insert 2 ->helm"]);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_clients_own_changes_show_in_its_watches_without_being_sent_back(bool pushFirst) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { PushBeforeAnswer = pushFirst };
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        for (var i = 0; i < 5; i++)
        {
            await client.TransactAsync(t => t
                .Change("profile", "bob", d => d.Increment("gold", -1))
                .Change("profile", "ada", d => d.Increment("gold", 1)));
        }
        await simulation.Delay(1);
        (watched.Data.Gold, watched.Version, watched.Resyncs).ShouldBe((10L, 6L, 0));
    });

    [Fact]
    public void An_own_change_that_made_the_entity_is_fetched_since_only_the_server_knows_what_it_began_with() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        (watched.Exists, watched.Version).ShouldBe((false, 0L));
        Delta.Apply(server.Entity("ada").Document, Deltas.Written(delta => delta.Set("name", "from the template")));
        await client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", 1)));
        await simulation.Delay(1);
        (watched.Exists, watched.Data.Gold, watched.Data.Name).ShouldBe((true, 1L, "from the template"));
    });

    [Fact]
    public void Unversioned_values_show_at_once_and_give_way_to_the_version_that_has_them() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5), ("x", 1));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        server.PushTo("ada", watch => Unversioned(watch, delta => delta.Increment("gold", 2)));
        server.PushTo("ada", watch => Unversioned(watch, delta => delta.Set("x", 30)));
        await simulation.Delay(0.1);
        (watched.Data.Gold, watched["x"], watched.Version).ShouldBe((7L, 30, 1L));
        server.Change("ada", delta => delta.Increment("gold", 2), checksum: true);
        await simulation.Delay(0.1);
        (watched.Data.Gold, watched["x"], watched.Version, watched.Resyncs).ShouldBe((7L, 30, 2L, 0));
    });

    [Fact]
    public void A_watch_starts_over_from_a_snapshot_when_the_database_is_another() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5)).Version = 40;
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        server.Database = FakeServer.Bytes(9);
        server.Put("ada", ("gold", 3)).Version = 12;
        server.Break();
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 12);
        watched.Data.Gold.ShouldBe(3);
    });

    [Fact]
    public void A_removed_profile_is_empty_and_may_come_back() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        server.PushTo("ada", watch => new ServerMessage { Change = new Change { Watch = watch, Version = 2, Removed = true } });
        await Until<long>(handler => watched.VersionChanged += handler, version => version == 2);
        (watched.Exists, watched["gold"].IsNone).ShouldBe((false, true));
    });

    [Fact]
    public void A_watch_that_is_disposed_hears_no_more() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var watched = await WatchAsync(client);
        await watched.DisposeAsync();
        server.Requests.Last().Unwatch.Watch.ShouldBe(1UL);
        server.Entity("ada").Watches.ShouldBeEmpty();
        server.Break();
        await simulation.Delay(2);
        server.Requests.Count.ShouldBe(2);
    });

    [Fact]
    public void A_view_shows_a_profile_without_a_session() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 5));
        await using var client = await server.ConnectClientAsync();
        var view = await client.Store<PlayerProfile>("profile").ViewAsync("ada");
        (view.ShouldNotBeNull().Data.Gold, view.Version).ShouldBe((5L, 1L));
        (await client.Store<PlayerProfile>("profile").ViewAsync("bob")).ShouldBeNull();
        Should.Throw<SavepointException>(() => view.Data.Gold = 1).Code.ShouldBe(ClientErrorCodes.ReadOnly);
    });

    private static ServerMessage Unversioned(ulong watch, Action<DeltaWriter> write) =>
        new() { Change = new Change { Watch = watch, Delta = ByteString.CopyFrom(Deltas.Written(write)) } };

    private static Task<WatchedProfile<PlayerProfile>> WatchAsync(SavepointClient client) =>
        client.Store<PlayerProfile>("profile").WatchAsync("ada", TimeSpan.Zero);

    private static Task Until<T>(Action<Action<T>> subscribe, Func<T, bool> reached)
    {
        var done = new TaskCompletionSource();
        subscribe(value =>
        {
            if (reached(value))
                done.TrySetResult();
        });
        return done.Task;
    }
}
