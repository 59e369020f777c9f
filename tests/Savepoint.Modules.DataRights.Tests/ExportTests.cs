namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An export holds all that is kept of a user.</summary>
public sealed class ExportTests
{
    [Fact]
    public async Task It_has_documents_messages_and_who_changed_them()
    {
        await using var world = await World.StartAsync();
        var own = new EntityKey("profile", "alice");
        await world.Set(own, "gold", 5);
        await world.Do(new Mutation { Key = own, Kind = MutationKind.Message, Payload = DocumentJson.Parse("""{"text":"hi"}""").ToBytes() });
        var guild = new EntityKey("guild", "knights");
        await world.Set(guild, "n", 1);
        await world.Do(UserTags.TagBy(guild, "alice"));
        var removed = new EntityKey("character", "alice:1");
        await world.Set(removed, "n", 1);
        await world.Do(new Mutation { Key = removed, Kind = MutationKind.Remove });
        await world.Set(new EntityKey("profile", "bob"), "gold", 7);

        var export = await world.Export("alice");

        export["complete"]!.GetValue<bool>().ShouldBeTrue();
        var entities = export["entities"]!.AsArray().ToDictionary(entity => $"{entity!["kind"]}/{entity["id"]}", entity => entity!);
        entities.Keys.ShouldBe(["guild/knights", "character/alice:1", "profile/alice"], ignoreOrder: true);
        entities["profile/alice"]["document"]!["gold"]!.GetValue<long>().ShouldBe(5);
        entities["profile/alice"]["messages"]![0]!["body"]!["text"]!.GetValue<string>().ShouldBe("hi");
        entities["profile/alice"]["history"]![0]!["actor"]!.GetValue<string>().ShouldBe("server:eu-1");
        entities["guild/knights"]["tagged"]!.GetValue<bool>().ShouldBeTrue();
        entities["character/alice:1"]["document"].ShouldBeNull();
        (await world.Actions("alice")).ShouldBe(["user.export"]);
    }

    [Fact]
    public async Task The_audit_log_is_read_by_owner_and_by_time_page_by_page()
    {
        await using var world = await World.StartAsync();
        for (var i = 0; i < 3; i++)
            await world.Export("alice");
        var middle = DateTimeOffset.UtcNow;
        await world.Export("bob");
        await world.Export("alice");

        (await world.Actions("alice")).Count.ShouldBe(4);
        (await world.Actions()).Count.ShouldBe(5);
        (await world.Actions("nobody")).ShouldBeEmpty();
        var since = await world.Rights.Audit.ReadAsync(new AuditQuery("alice", From: middle), CancellationToken.None);
        var entry = since.Entries.ShouldHaveSingleItem();
        (entry.Actor, entry.Target, entry.Address, entry.Reason).ShouldBe(("admin:root", "user/alice", "10.0.0.7", "ticket 7"));
        (await world.Rights.Audit.ReadAsync(new AuditQuery(Until: middle), CancellationToken.None)).Entries.Count.ShouldBe(3);
    }
}
