using Savepoint.Engine.Units;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class OutcomeCheckerTests : IDisposable
{
    private readonly Scene _scene = new(new OutcomeChecker());
    private readonly Operation _one;
    private readonly Operation _two;

    public OutcomeCheckerTests()
    {
        _one = _scene.Send(Change.Set(Scene.Key, "n", 1));
        _two = _scene.Send(Change.Set(Scene.Key, "n", 1), Change.Set(GameKinds.Profile(2), "n", 1));
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Each_request_takes_effect_once_or_is_refused()
    {
        _scene.Commit(Entry.Change().By(_one, 1));
        _scene.Answer(_one, 1);
        _scene.Answer(_one, 1);
        _scene.Refuse(_two, RefusalCode.Unavailable);
        _scene.Commit(Entry.Refusal(_two, RefusalCode.Document));
        _scene.Refuse(_two, RefusalCode.Document);
        _scene.Refuse(_two, RefusalCode.Document);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void What_is_answered_is_in_the_journal()
    {
        _scene.Answer(_one, 1);
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void What_took_effect_is_not_refused()
    {
        _scene.Commit(Entry.Change().By(_one, 1));
        _scene.Refuse(_one, RefusalCode.Document);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void What_was_refused_does_not_take_effect()
    {
        _scene.Refuse(_one, RefusalCode.Document);
        _scene.Commit(Entry.Change().By(_one, 1));
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void What_was_refused_does_not_succeed_later()
    {
        _scene.Refuse(_one, RefusalCode.Document);
        _scene.Answer(_one, 1);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void What_was_refused_is_refused_alike()
    {
        _scene.Refuse(_one, RefusalCode.Document);
        _scene.Refuse(_one, RefusalCode.NotFound);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_repeat_gets_the_same_versions()
    {
        _scene.Commit(Entry.Change(), Entry.Change().By(_one, 2));
        _scene.Answer(_one, 2);
        _scene.Answer(_one, 1);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void An_answer_is_what_the_journal_holds()
    {
        _scene.Commit(Entry.Change(), Entry.Change().By(_one, 2));
        _scene.Answer(_one, 1);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_unit_is_committed_whole()
    {
        _scene.Commit(Entry.Change().By(_two, 1, 1), Entry.ChangeOf(GameKinds.Profile(2)));
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_unit_is_not_committed_in_two_transactions()
    {
        _scene.Commit(Entry.Change().By(_two, 1, 1));
        _scene.Commit(Entry.ChangeOf(GameKinds.Profile(2)));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void A_unit_has_an_outcome_for_each_mutation()
    {
        _scene.Commit(Entry.Change().By(_two, 1), Entry.ChangeOf(GameKinds.Profile(2)));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_deferred_may_be_answered_before_it_is_journaled_and_again_after_it_was_lost()
    {
        var deferred = _scene.Send(Change.Add(GameKinds.Body(1), "mood", 1));
        _scene.Answer(deferred, 1);
        _scene.Answer(deferred, 2);
        _scene.Commit(Entry.ChangeOf(GameKinds.Body(1), "mood"), Entry.Change().By(deferred, 2));
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void The_outcome_of_what_was_deferred_is_journaled_with_it()
    {
        var deferred = _scene.Send(Change.Add(GameKinds.Body(1), "mood", 1));
        _scene.Commit(Entry.ChangeOf(GameKinds.Body(1), "mood"));
        _scene.Commit(Entry.Change().By(deferred, 1));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_durable_beside_what_is_deferred_is_not_lost()
    {
        var both = Change.Delta(GameKinds.Body(1), delta =>
        {
            delta.Increment("mood", 1);
            delta.Increment("n", 1);
        });
        _scene.Answer(_scene.Send(both), 1);
        _scene.Fault.ShouldBe("I2");
    }
}
