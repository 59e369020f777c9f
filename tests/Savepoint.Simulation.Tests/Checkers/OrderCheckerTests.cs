using Savepoint.Engine.Relay;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class OrderCheckerTests : IDisposable
{
    private readonly OrderChecker _checker = new();
    private readonly Scene _scene;

    public OrderCheckerTests()
    {
        _scene = new Scene(_checker);
        _scene.Commit(Entry.Change(), Entry.Change(), Entry.Change());
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_watcher_gets_each_version_once()
    {
        _scene.StartWatch(1, version: 1, "{}");
        _scene.Push(1, 2);
        _scene.Push(1, 0);
        _scene.Push(1, 3);
        _scene.StartWatch(2, version: 1, null, resumedFrom: 1);
        _scene.Push(2, 2);
        _scene.Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_watcher_gets_no_version_twice_and_misses_none(long version)
    {
        _scene.StartWatch(1, version: 1, "{}");
        _scene.Push(1, version);
        _scene.Fault.ShouldBe("I6");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_watcher_gets_nothing_before_its_start(long version)
    {
        _scene.Push(1, version);
        _scene.Fault.ShouldBe("I6");
    }

    [Fact]
    public void A_watcher_is_started_once()
    {
        _scene.StartWatch(1, version: 1, "{}");
        _scene.StartWatch(1, version: 1, "{}");
        _scene.Fault.ShouldBe("I6");
    }

    [Fact]
    public void Who_comes_back_goes_on_from_where_he_is()
    {
        _scene.StartWatch(1, version: 2, null, resumedFrom: 1);
        _scene.Fault.ShouldBe("I6");
    }

    [Fact]
    public void In_the_end_a_watcher_has_got_everything()
    {
        _scene.StartWatch(1, version: 2, "{}");
        _checker.FindBehind().ShouldNotBeNull();
        _scene.Push(1, 3);
        _checker.FindBehind().ShouldBeNull();
    }

    [Fact]
    public void A_watch_that_was_lost_or_ended_or_whose_node_died_is_not_waited_for()
    {
        _scene.StartWatch(1, version: 1, "{}");
        _scene.History.WatchEnded("node-1", 1);
        _scene.History.WatchEnded("node-1", 2);
        _scene.StartWatch(2, version: 1, "{}");
        _checker.FindBehind().ShouldBeNull("the first was started before, the second after its end");
        _scene.StartWatch(3, version: 1, "{}");
        _scene.History.Died("node-2");
        _checker.FindBehind().ShouldNotBeNull();
        _scene.History.Died("node-1");
        _checker.FindBehind().ShouldBeNull();
    }

    [Fact]
    public void A_holder_that_comes_back_over_another_connection_takes_the_place_of_the_one_before()
    {
        _scene.Tell(_scene.Wish(Scene.Alice), session: 1, watch: 1);
        _scene.StartWatch(1, version: 1, "{}");
        _checker.FindBehind().ShouldNotBeNull();
        _scene.Tell(_scene.Wish(Scene.Alice, resume: 1), session: 1, watch: 2);
        _scene.StartWatch(2, version: 3, "{}");
        _checker.FindBehind().ShouldBeNull();
    }

    [Fact]
    public void The_relay_publishes_each_version_and_some_again()
    {
        Publish(1, 2);
        Publish(1, 2, 3);
        _scene.History.End();
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void The_relay_skips_none()
    {
        Publish(1, 3);
        _scene.Fault.ShouldBe("I6");
    }

    [Fact]
    public void The_relay_publishes_nothing_that_is_not_committed()
    {
        Publish(1, 2, 3, 4);
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void In_the_end_everything_is_published()
    {
        Publish(1, 2);
        _scene.History.End();
        _scene.Fault.ShouldBe("I6");
    }

    private void Publish(params long[] versions) =>
        _scene.History.Published(0, Array.ConvertAll(versions, version => new PublishedChange(Scene.Key, version, version, default, "changed", default, "", null, null)));
}
