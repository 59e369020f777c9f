using static Savepoint.Engine.Tests.ThreeNodes;

namespace Savepoint.Engine.Tests;

/// <summary>Who meets an entity that a unit over several nodes holds.</summary>
public sealed class HeldEntityTests
{
    [Fact]
    public void Nobody_reads_watches_or_changes_what_is_held() => Run(async (world, one, two, _) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        var unit = one.Submit(Make.Set(A, "n", 9), Make.Set(B, "n", 9));
        (await unit.Answer).ShouldBeNull("it is decided");

        var (read, change, watcher, holder) = (two.Read(B), two.Submit(Make.Add(B, "n", 1)), two.Watch(B), two.Open(B, 5));
        world.Pass(0.5);
        (read.Text, change.Text, watcher.HasStarted, holder.IsAnswered).ShouldBe(("pending", "pending", false, false));
        completing.SetResult();
        world.Pass(0.5);

        (read.Text, change.Text).ShouldBe(("""{"n":9}""", "3"));
        watcher.Mirror.Version.ShouldBe(3);
        (holder.Session, holder.Mirror.Version).ShouldBe((1, 3));
    });

    [Fact]
    public void Who_waits_for_too_long_is_told_so() => Run(async (world, one, two, _) =>
    {
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 9), Make.Set(B, "n", 9));

        var (read, change, watcher, holder) = (two.Read(B), two.Submit(Make.Add(B, "n", 1)), two.Watch(B), two.Open(B, 5));
        world.Pass(World.Options.HoldWait.TotalSeconds + 0.2);

        (read.Text, change.Text, watcher.Refusal!.Code, holder.Opening.Refusal!.Code)
            .ShouldBe(("Busy", "Busy", RefusalCode.Busy, RefusalCode.Busy));
        change.Refusal!.IsTransient.ShouldBeTrue();
        completing.SetResult();
    });

    [Fact]
    public void Those_who_wait_get_their_turns_in_order() => Run(async (world, one, two, _) =>
    {
        var holder = two.Open(B, 5);
        await holder.Opened;
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 1), Make.Add(B, "n", 1));

        var units = Enumerable.Range(1, 5).Select(n => two.Submit(Make.Set(B, "n", n).Under(holder.Session).By(5, n + 1))).ToList();
        units.Add(two.Submit(Make.EndSession(B, holder.Session).By(5, 7)));
        world.Pass(0.1);
        completing.SetResult();
        world.Pass(0.5);

        units.Select(unit => unit.Text).ShouldBe(["3", "4", "5", "6", "7", "7"]);
    });

    [Theory]
    [InlineData(1, "2")]
    [InlineData(2, "VersionNotFound")]
    public void A_rollback_that_waits_for_what_a_unit_let_go_of_is_answered(long version, string answer) => Run(async (world, one, two, three) =>
    {
        await two.Do(Make.Set(B, "n", 1));
        var preparing = new TaskCompletionSource();
        world.Links.HoldBack = (shard, _) => shard == 2 ? preparing.Task : Task.CompletedTask;
        var unit = one.Submit(Make.Set(A, "n", 1), Make.Set(B, "n", 2), Make.Add(C, "n", -1, min: 0));
        world.Pass(0.1);
        var (rollback, behind) = (two.Submit(Make.Restore(B, version)), two.Submit(Make.Add(B, "n", 1)));
        world.Pass(0.1);
        (rollback.Text, behind.Text).ShouldBe(("pending", "pending"));
        preparing.SetResult();
        (await unit.Answer)!.Code.ShouldBe(RefusalCode.Document);
        (await behind.Answer).ShouldBeNull();
        (rollback.Text, behind.Text).ShouldBe((answer, answer == "2" ? "3" : "2"));
    });

    [Fact]
    public void Who_may_not_wait_is_told_so_under_no_lock() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var one = await world.JoinAsync([0]);
        var two = await world.JoinAsync([1], World.Options with { MaxWaitingForLoad = 1 });
        await two.Do(Make.Set(B, "n", 1));
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        await one.Do(Make.Set(A, "n", 9), Make.Set(B, "n", 9));

        two.Read(B).IsAnswered.ShouldBeFalse();
        var isFree = false;
        var reading = new NotedReading
        {
            Key = B,
            Noted = () =>
            {
                var other = new Thread(() => two.Engine.Unwatch(new Onlooker { Key = B }));
                other.Start();
                isFree = other.Join(TimeSpan.FromSeconds(5));
            },
        };
        two.Engine.Read(reading);
        (reading.Code, isFree).ShouldBe((RefusalCode.Overloaded, true));
        completing.SetResult();
    });

    [Fact]
    public void Watchers_and_the_relay_see_a_change_once_it_is_carried_out() => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        var publisher = new MemoryPublisher();
        var one = await world.JoinAsync([0, 3], publisher: publisher);
        var two = await world.JoinAsync([1], publisher: publisher);
        var watcher = two.Watch(B);
        world.Settle();
        var completing = new TaskCompletionSource();
        world.Links.HoldBack = (_, request) => request[1] == 2 ? completing.Task : Task.CompletedTask;
        var unit = one.Submit(new TestUnit(Make.Set(A, "n", 1), Make.Set(B, "n", 2)) { Reason = "trade" }.By(3, 1));
        await unit.Answer;
        world.Pass(0.5);
        watcher.Mirror.Version.ShouldBe(0);
        publisher.Versions(B).ShouldBeEmpty();

        completing.SetResult();
        world.Pass(0.5);

        watcher.Mirror.Version.ShouldBe(1);
        publisher.Versions(B).ShouldBe([1]);
        publisher.Changes.ShouldAllBe(change => change.Reason == "trade");
    });

    private sealed class NotedReading : Savepoint.Engine.Reading.EntityReading
    {
        public RefusalCode Code { get; private set; }

        public required Action Noted { get; init; }

        protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            Code = refusal?.Code ?? RefusalCode.None;
            Noted();
        }
    }
}
