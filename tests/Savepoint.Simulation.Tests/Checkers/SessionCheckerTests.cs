using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class SessionCheckerTests : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly Scene _scene = new(new SessionChecker(Lease));

    public SessionCheckerTests() => _scene.Commit(Entry.Change());

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void The_holder_writes_and_ends_its_session_and_another_gets_the_next()
    {
        _scene.Open(Scene.Alice, 1);
        var write = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1));
        _scene.Commit(Entry.Change().By(write, 2));
        var waiting = _scene.Wish(Scene.Bob);
        var end = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1), Change.EndSession(Scene.Key, 1));
        _scene.Commit(Entry.Change().By(end, 3, 3), Entry.Ended(), Entry.Opened(waiting, 2));
        _scene.Tell(waiting, 2);
        _scene.Tell(_scene.Wish(Scene.Bob, resume: 2), 2);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_write_under_a_session_that_is_over_has_no_effect()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Ended());
        var write = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1));
        _scene.Commit(Entry.Change().By(write, 2));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_write_by_a_lower_number_than_the_present_one_has_no_effect()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Ended(SessionEndReason.Stolen), Entry.Opened(_scene.Wish(Scene.Bob), 2));
        var write = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1));
        _scene.Commit(Entry.Change().By(write, 2));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_write_by_another_than_the_holder_has_no_effect()
    {
        _scene.Open(Scene.Alice, 1);
        var write = _scene.SendAs(Scene.Bob, Change.Set(Scene.Key, "n", 1).Under(1));
        _scene.Commit(Entry.Change().By(write, 2));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Without_the_session_only_increments_take_effect()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Increment().By(_scene.SendAs(Scene.Bob, Change.Add(Scene.Key, "n", 1)), 2));
        _scene.Fault.ShouldBeNull();
        _scene.Commit(Entry.Change().By(_scene.SendAs(Scene.Bob, Change.Set(Scene.Key, "n", 1)), 3));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Without_the_session_nobody_removes_the_entity()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Removed().By(_scene.SendAs(Scene.Bob, Change.Remove(Scene.Key)), 2));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_session_ends_with_the_unit_that_ends_it()
    {
        _scene.Open(Scene.Alice, 1);
        var end = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1), Change.EndSession(Scene.Key, 1));
        _scene.Commit(Entry.Change().By(end, 2, 2));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Nobody_ends_another_s_session()
    {
        _scene.Open(Scene.Alice, 1);
        var end = _scene.SendAs(Scene.Bob, Change.EndSession(Scene.Key, 1));
        _scene.Commit(Entry.Ended().By(end, 1));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_session_is_given_after_it_is_committed()
    {
        _scene.Tell(_scene.Wish(Scene.Alice), 1);
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void A_session_is_not_given_to_two()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Tell(_scene.Wish(Scene.Bob), 1);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_session_belongs_to_the_request_that_opened_it()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Tell(_scene.Wish(Scene.Alice), 1);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_request_opens_one_session()
    {
        var opening = _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Ended(), Entry.Opened(opening, 2));
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_session_is_opened_for_somebody_who_asked()
    {
        _scene.Commit(Entry.Opened(new Opening { Key = Scene.Key, Writer = Scene.Alice, Request = 99, Policy = default }, 1));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Who_resumes_gets_the_same_session()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Ended());
        _scene.Open(Scene.Alice, 2);
        _scene.Tell(_scene.Wish(Scene.Alice, resume: 1), 2);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Who_will_not_wait_is_told_of_the_holder()
    {
        _scene.Open(Scene.Alice, 1);
        var other = _scene.Wish(Scene.Bob, SessionConflictPolicy.Fail);
        _scene.Commit(Entry.Ended());
        _scene.TellHeld(other);
        _scene.Fault.ShouldBeNull();
        _scene.TellHeld(_scene.Wish(Scene.Bob, SessionConflictPolicy.Fail));
        _scene.Fault.ShouldBe("I5", "nobody has held it since it was asked for");
    }

    [Fact]
    public void Who_waits_or_steals_is_not_told_of_the_holder()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.TellHeld(_scene.Wish(Scene.Bob, SessionConflictPolicy.Steal));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_holder_is_not_refused()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Refuse(_scene.Send(Change.Set(Scene.Key, "n", 1).Under(1)), RefusalCode.SessionLost);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Who_has_lost_the_session_is_refused()
    {
        _scene.Open(Scene.Alice, 1);
        var write = _scene.Send(Change.Set(Scene.Key, "n", 1).Under(1));
        var resumption = _scene.Wish(Scene.Alice, resume: 1);
        _scene.Commit(Entry.Ended(SessionEndReason.Stolen), Entry.Opened(_scene.Wish(Scene.Bob), 2));
        _scene.Refuse(write, RefusalCode.SessionLost);
        _scene.Refuse(resumption, RefusalCode.SessionLost);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_holder_that_comes_back_is_not_refused()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Refuse(_scene.Wish(Scene.Alice, resume: 1), RefusalCode.SessionLost);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void An_opening_is_lost_once_its_session_is_over()
    {
        var opening = _scene.Open(Scene.Alice, 1);
        _scene.Commit(Entry.Ended());
        _scene.Refuse(opening, RefusalCode.SessionLost);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void An_opening_is_not_lost_while_it_holds_its_session()
    {
        var opening = _scene.Open(Scene.Alice, 1);
        _scene.Refuse(opening, RefusalCode.SessionLost);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void An_opening_is_not_lost_before_it_was_granted()
    {
        _scene.Refuse(_scene.Wish(Scene.Alice), RefusalCode.SessionLost);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_session_is_required_while_somebody_holds_it()
    {
        _scene.Open(Scene.Alice, 1);
        var write = _scene.SendAs(Scene.Bob, Change.Set(Scene.Key, "n", 1));
        _scene.Commit(Entry.Ended());
        _scene.Refuse(write, RefusalCode.SessionRequired);
        _scene.Fault.ShouldBeNull();
        _scene.Refuse(_scene.SendAs(Scene.Bob, Change.Set(Scene.Key, "n", 1)), RefusalCode.SessionRequired);
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void Who_names_a_session_is_not_refused_for_want_of_one()
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Refuse(_scene.Send(Change.Set(Scene.Key, "n", 1).Under(1)), RefusalCode.SessionRequired);
        _scene.Fault.ShouldBe("I5");
    }

    [Theory]
    [InlineData(11, null)]
    [InlineData(9, "I5")]
    public void A_lease_lasts_as_long_as_it_says(int seconds, string? fault)
    {
        _scene.Open(Scene.Alice, 1);
        _scene.Time.Advance(TimeSpan.FromSeconds(seconds));
        _scene.Commit(Entry.Ended(SessionEndReason.LeaseExpired));
        _scene.Fault.ShouldBe(fault);
    }
}
