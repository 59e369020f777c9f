using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>Holders that are part of the engine's process: none outlives it.</summary>
public sealed class SessionsOfOneProcessTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_holders_end_with_the_process_a_restart_leaves_no_session_in_the_way(bool isCheckpointed) => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        var next = node.Open(A, 2, policy: SessionConflictPolicy.Fail);
        await next.Opened;
        (next.Text, next.Mirror.Text).ShouldBe(("opened 2", """{"n":1}"""));
        node.Engine.Snapshot().Sessions.ShouldBe(1);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_holders_end_with_the_process_a_session_is_in_nobodys_way_though_a_hook_comes_first(bool isCheckpointed) => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync(kinds: Game.First);
        await node.Open(Game.A, 1).Opened;
        (await node.Submit(Make.Set(Game.A, "n", 1).Under(1).By(1, 2)).Answer).ShouldBeNull();
        if (isCheckpointed)
            node.Checkpoint();
        node.Crash();
        node = await world.StartAsync(kinds: Game.With(new Blessing()));
        var next = node.Open(Game.A, 2, policy: SessionConflictPolicy.Fail);
        await next.Opened;
        next.Text.ShouldBe("opened 2");
    });

    [Fact]
    public void Where_holders_end_with_the_process_those_of_this_one_keep_their_sessions_through_a_failed_commit() => World.Run(async world =>
    {
        world.HoldersEndWithProcess = true;
        var node = await world.StartAsync();
        await node.Open(A, 1).Opened;
        node.Faults.FailNext(StoreOperation.Append, isTransient: false);
        (await node.Submit(Make.Set(A, "n", 1).Under(1).By(1, 2)).Answer)!.Code.ShouldBe(RefusalCode.Unavailable);
        world.Pass(10);
        var back = node.Open(A, 1, request: 3, resume: 1);
        await back.Opened;
        back.Text.ShouldBe("resumed 1");
    });
}
