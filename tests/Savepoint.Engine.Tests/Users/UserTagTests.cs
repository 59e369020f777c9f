using Savepoint.Engine.Audit;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Users;

namespace Savepoint.Engine.Tests;

/// <summary>Users that are tagged on entities, and their indexes.</summary>
public sealed class UserTagTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Fact]
    public void A_tag_and_the_users_index_change_in_one_unit() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(Make.Set(B, "n", 1));
        await node.Do(UserTags.TagBy(A, "alice"));
        await node.Do(UserTags.TagBy(A, "a.b"));
        await node.Do(UserTags.TagBy(B, "alice"));
        await node.Do(UserTags.TagBy(B, "alice"));

        (await Users(node, A)).ShouldBe(["a.b", "alice"]);
        (await Entities(node, "alice")).ShouldBe([A, B], ignoreOrder: true);

        await node.Do(UserTags.UntagBy(A, "alice"));
        (await Users(node, A)).ShouldBe(["a.b"]);
        (await Entities(node, "alice")).ShouldBe([B]);
        (await Entities(node, "a.b")).ShouldBe([A]);
    });

    [Fact]
    public void Neither_changes_without_the_other() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(UserTags.TagBy(A, "alice"));
        var (tag, index) = (UserTags.TagBy(A, "bob"), UserTags.UntagBy(A, "alice"));
        foreach (var mutations in new Mutation[][] { [tag[0]], [tag[1]], [index[0]], [index[1]], [tag[0], index[1]], [tag[0], UserTags.TagBy(B, "bob")[1]] })
            (await node.Code(mutations)).ShouldBe(RefusalCode.InvalidRequest);
        (await Users(node, A)).ShouldBe(["alice"]);
    });

    [Fact]
    public void What_does_not_exist_can_not_be_tagged_and_no_tag_is_made_by_a_plain_change() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Code(UserTags.TagBy(A, "alice"))).ShouldBe(RefusalCode.NotFound);
        await node.Do(Make.Set(A, "n", 1));
        (await node.Try(Make.Set(A, "$users", Value.FromMap([]))))!.DocumentError.ShouldBe(DocumentError.Reserved);
        (await node.Code(UserTags.TagBy(A, new string('x', 129)))).ShouldBe(RefusalCode.IntentRefused);
    });

    [Fact]
    public void Under_a_session_others_may_tag_too_since_the_holder_never_changes_the_tags() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        node.Open(A, 1);
        world.Settle();
        await node.Do(UserTags.TagBy(A, "alice"));
        (await node.Submit(new TestUnit(UserTags.TagBy(A, "bob", session: 1)).By(1, 2)).Answer).ShouldBeNull();
        (await node.Code(UserTags.TagBy(A, "carol", session: 2))).ShouldBe(RefusalCode.SessionLost);
        (await node.Code(Make.Set(A, "n", 1))).ShouldBe(RefusalCode.SessionRequired);
        (await Users(node, A)).ShouldBe(["alice", "bob"]);
    });

    [Fact]
    public void An_entity_that_is_removed_stays_in_the_index_until_it_is_erased() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(UserTags.TagBy(A, "alice"));
        await node.Do(Make.Remove(A));
        (await Entities(node, "alice")).ShouldBe([A]);
        await node.Do(Make.Erase(A), UserIndex.Forgetting("alice", A));
        (await Entities(node, "alice")).ShouldBeEmpty();
    });

    [Fact]
    public void A_rollback_keeps_the_tags_of_today() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        await node.Do(UserTags.TagBy(A, "alice"));
        await node.Do(Make.Set(A, "n", 3));
        await node.Do(Make.Restore(A, 1));
        (await Users(node, A)).ShouldBe(["alice"]);
    });

    [Fact]
    public void An_entry_of_the_audit_log_is_written_once_and_stays_as_it_is() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var entry = AuditLog.Of("alice", world.Time.GetUtcNow(), World.Writer(1), new AuditEntry("admin:root", "user.export", "user/alice") { Reason = "asked" });
        await node.Do(entry);
        var read = node.Read(entry.Key);
        await read.Answer;
        var found = AuditEntry.From(Snapshots.Decode(read.Snapshot.Document!));
        (found.Actor, found.Action, found.Target, found.Reason, found.At).ShouldBe(("admin:root", "user.export", "user/alice", "asked", world.Time.GetUtcNow()));

        (await node.Code(entry)).ShouldBe(RefusalCode.IntentRefused);
        foreach (var change in new[]
        {
            Make.Set(entry.Key, "actor", "nobody"), Make.Remove(entry.Key), Make.Erase(entry.Key), Make.Restore(entry.Key, 1), Make.Message(entry.Key),
            Make.Intent(entry.Key, UserTags.Tag, """{"user":"alice"}"""),
        })
            (await node.Code(change)).ShouldBeOneOf(RefusalCode.InvalidRequest, RefusalCode.UnknownIntent);
        var holder = node.Open(entry.Key, 1);
        world.Settle();
        holder.Text.ShouldContain(nameof(RefusalCode.InvalidRequest));
        (await node.Json(entry.Key)).ShouldContain("admin:root");
    });

    [Fact]
    public void Names_that_are_savepoints_own_are_no_games() => Should.Throw<ArgumentException>(
        () => new KindRegistry([new Kind { Name = "thing", Intents = new Dictionary<string, IntentHandler> { ["sp.tag-user"] = _ => null } }]));

    private static async Task<IReadOnlyList<string>> Users(Node node, EntityKey key) => UserTags.In(await Document(node, key));

    private static async Task<IReadOnlyList<EntityKey>> Entities(Node node, string user) => UserIndex.EntitiesIn(await Document(node, UserTags.IndexOf(user)));

    private static async Task<Document> Document(Node node, EntityKey key)
    {
        var reading = node.Read(key);
        await reading.Answer;
        reading.Refusal.ShouldBeNull();
        return Snapshots.Decode(reading.Snapshot.Document!);
    }
}
