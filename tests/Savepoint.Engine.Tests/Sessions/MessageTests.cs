namespace Savepoint.Engine.Tests;

/// <summary>P19: a message is delivered to the active session or the next, and processed exactly once.</summary>
public sealed class MessageTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_message_reaches_the_holder_at_once_or_the_next_one_on_opening() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 1));
        (await node.Do(Make.Message(A, """{"text":"one"}"""))).ShouldBe(1);
        var holder = node.Open(A, 1);
        await holder.Opened;
        (await node.Submit(new TestUnit(Make.Message(A, """{"text":"two"}""")) { Actor = "player:bob" }).Answer).ShouldBeNull();
        world.Settle();
        holder.Log.ShouldBe(["opened 1", "message 2"]);
        holder.Messages.Select(message => DocumentJson.ToText(Snapshots.Decode(message.Body.ToArray()))).ShouldBe(["""{"text":"one"}""", """{"text":"two"}"""]);
        holder.Messages[1].Sender.ShouldBe("player:bob");
        (await node.Read(A).Answer.ContinueWith(_ => node.Read(A).Snapshot.Version, TaskScheduler.FromCurrentSynchronizationContext())).ShouldBe(1, "messages make no version");
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_message_is_processed_in_the_commit_of_what_was_made_of_it(bool isCheckpointed) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 0));
        for (var i = 0; i < 3; i++)
            await node.Do(Make.Message(A));
        await node.Open(A, 1).Opened;
        var processed = node.Submit(Make.Add(A, "n", 10).Under(1).Processing(1, 3).By(1, 2));
        (await processed.Answer).ShouldBeNull();
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();

        node = await world.StartAsync();
        var back = node.Open(A, 1, request: 3, resume: 1);
        await back.Opened;
        back.Messages.Select(message => message.Id).ShouldBe([2]);
        back.Mirror.Text.ShouldBe("""{"n":10}""");
        var repeat = node.Submit(processed.Again());
        await repeat.Answer;
        repeat.Text.ShouldBe("2");
        (await node.Submit(Make.Add(A, "n", 10).Under(1).Processing(1).By(1, 4)).Answer)!.Code.ShouldBe(RefusalCode.InvalidRequest);
        (await node.Do(Make.Message(A))).ShouldBe(4, "numbers go on");
        (await node.Json(A)).ShouldBe("""{"n":10}""");
    });

    [Fact]
    public void What_fails_or_is_refused_processes_nothing() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "n", 0));
        await node.Do(Make.Message(A));
        await node.Open(A, 1).Opened;
        (await node.Submit(Make.Set(A, "n.x", 10).Under(1).Processing(1).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.Document);
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Submit(Make.Add(A, "n", 10).Under(1).Processing(1).By(1, 3)).Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        (await node.Code(Make.Add(A, "n", 1).Processing(1))).ShouldBe(RefusalCode.InvalidRequest);
        var back = node.Open(A, 1, request: 4, resume: 1);
        await back.Opened;
        back.Messages.Count.ShouldBe(1);
    });

    [Fact]
    public void A_message_to_what_does_not_exist_is_refused_and_removal_takes_the_messages_along() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Code(Make.Message(A))).ShouldBe(RefusalCode.NotFound);
        await node.Do(Make.Set(A, "n", 0));
        await node.Do(Make.Message(A));
        (await node.Code(Make.Message(A) with { Payload = new byte[] { 9 } })).ShouldBe(RefusalCode.Document);
        await node.Do(Make.Remove(A));
        await node.Do(Make.Set(A, "n", 0));
        var holder = node.Open(A, 1);
        await holder.Opened;
        holder.Messages.ShouldBeEmpty();
        (await node.Do(Make.Message(A))).ShouldBe(2);
    });
}
