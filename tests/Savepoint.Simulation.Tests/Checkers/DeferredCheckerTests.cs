using Savepoint.Engine;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class DeferredCheckerTests : IDisposable
{
    private static readonly EntityKey Body = GameKinds.Body(1);

    private readonly Scene _scene = new(new DeferredChecker());

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void What_was_asked_for_is_journaled_later_or_lost()
    {
        var first = _scene.Send(Change.Add(Body, "mood", 3));
        _scene.Send(Change.Add(Body, "mood", 2));
        _scene.Commit(Entry.ChangeOf(Body, "mood", 3).By(first, 1));
        Stop("""{"mood":3}""");
        _scene.Commit(Entry.ChangeOf(Body, "mood", 5));
        Stop("""{"mood":5,"place":7,"n":9}""");
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void No_more_is_journaled_than_was_asked_for()
    {
        _scene.Send(Change.Add(Body, "mood", 3));
        _scene.Commit(Entry.ChangeOf(Body, "mood", 6));
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void What_has_its_outcome_in_the_journal_is_there_too()
    {
        var operation = _scene.Send(Change.Add(Body, "mood", 3));
        _scene.Commit(Entry.ChangeOf(Body, "n", 1).By(operation, 1));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_transient_is_not_journaled()
    {
        _scene.Commit(Entry.ChangeOf(Body, "place", 1));
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void A_stop_loses_nothing()
    {
        _scene.Send(Change.Add(Body, "mood", 5));
        _scene.Commit(Entry.ChangeOf(Body, "mood", 3));
        Stop("""{"mood":5}""");
        _scene.Fault.ShouldBe("I7");
    }

    private void Stop(string shown) =>
        _scene.History.Stopped("node-1", [new EntitySnapshot { Key = Body, Version = 1, Document = Scene.Bytes(shown) }]);
}
