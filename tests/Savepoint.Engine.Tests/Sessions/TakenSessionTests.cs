using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>Who ends the session of another takes it first: from its holder, or not at all.</summary>
public sealed class TakenSessionTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void Where_nobody_holds_a_session_none_is_taken_and_nothing_is_made() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await TakeAsync(node, A)).Text.ShouldBe("NotFound");
        (await node.Json(A)).ShouldBe("none");
        (await TakeAsync(node, new EntityKey("hero", "h"))).Text.ShouldBe("NotFound", "not even from the template of its kind");

        var holder = node.Open(A, 1);
        await holder.Opened;
        (await node.Submit(Make.EndSession(A, 1).By(1, 2)).Answer).ShouldBeNull();
        (await TakeAsync(node, A)).Text.ShouldBe("NotFound");
    });

    [Fact]
    public void A_held_session_is_taken() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var holder = node.Open(A, 1);
        await holder.Opened;
        (await TakeAsync(node, A)).Text.ShouldBe("opened 2");
        holder.Log[^1].ShouldBe("ended: Stolen by admin");
    });

    [Fact]
    public void Who_takes_a_session_only_from_its_holder_makes_no_entity_in_the_line_either() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        var thief = new Holder
        {
            Key = A, Name = "admin", Writer = World.Writer(9), Request = 1, Policy = SessionConflictPolicy.Wait, WaitTimeout = TimeSpan.FromMinutes(5), OnlyIfHeld = true,
        };
        node.Engine.OpenSession(thief);
        var next = node.Open(A, 2, policy: SessionConflictPolicy.Wait);
        world.Settle();
        (thief.Text, next.Text).ShouldBe(("pending", "pending"));
        (await node.Submit(Make.Remove(A).Under(1).By(1, 2)).Answer).ShouldBeNull();
        await thief.Opened;
        thief.Text.ShouldBe("NotFound");
        (await next.Opened).Created.ShouldBeTrue("those behind it in the line get theirs");
    });

    [Fact]
    public void A_reading_says_who_holds_the_session() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Submit(Make.Set(A, "n", 1)).Answer).ShouldBeNull();
        (await ReadAsync(node)).ShouldBeNull();
        world.Pass(5);
        await node.Open(A, 1).Opened;
        (await ReadAsync(node)).ShouldBe(new HeldSession(1, "server-1", world.Time.GetUtcNow()));
        node.Crash();
        node = await world.StartAsync();
        (await ReadAsync(node))!.Holder.ShouldBe("server-1", "it has its lease to come back");
        world.Pass(60);
        (await ReadAsync(node)).ShouldBeNull();
    });

    private static async Task<HeldSession?> ReadAsync(Node node)
    {
        var reading = node.Read(A);
        await reading.Answer;
        return reading.Snapshot.Session;
    }

    private static async Task<Holder> TakeAsync(Node node, EntityKey key)
    {
        var thief = new Holder { Key = key, Name = "admin", Writer = World.Writer(9), Request = 1, Policy = SessionConflictPolicy.Steal, OnlyIfHeld = true };
        node.Engine.OpenSession(thief);
        await thief.Opened;
        return thief;
    }
}
