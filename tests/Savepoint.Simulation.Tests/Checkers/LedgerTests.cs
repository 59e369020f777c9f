using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation.Tests.Checkers;

/// <summary>What the ledger itself requires of the journal.</summary>
public sealed class LedgerTests : IDisposable
{
    private readonly Scene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void The_journal_is_replayed()
    {
        var opening = _scene.Wish(Scene.Alice);
        _scene.Commit(Entry.Change("n", 1), Entry.Change("n", 2), Entry.Message(1), Entry.Message(2));
        _scene.Commit(Entry.Opened(opening, 1), Entry.Increment().Processing(1), Entry.Ended());
        _scene.Fault.ShouldBeNull();
        var entity = _scene.Ledger.Find(Scene.Key)!;
        (entity.Version, entity.LastMessage, entity.Session.Number, entity.Session.IsActive).ShouldBe((3, 2, 1, false));
        entity.Document!.Root["n"].AsInt64().ShouldBe(3);
        entity.WaitingMessages.ShouldBe([2]);
        (entity.VersionAfter(0), entity.VersionAfter(1), entity.VersionAfter(2)).ShouldBe((0, 2, 3));
        entity.MostWaitingSince(0).ShouldBe(2);
        entity.SessionsSince(1).Select(session => session.IsActive).ShouldBe([false, true, false]);
        entity.SessionsSince(2).Select(session => session.IsActive).ShouldBe([false]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Versions_have_no_gap_and_none_comes_twice(long second)
    {
        _scene.Commit(Entry.Change(), Entry.Change() with { Version = second });
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void A_record_points_back_to_the_entity_s_last()
    {
        _scene.Commit(Entry.Change(), Entry.Change(), Entry.Change() with { Previous = 1 });
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void A_segment_can_be_read()
    {
        _scene.Append(new Engine.Storage.JournalSegment(0, 1, 1, 1, Guid.Empty, default, new byte[] { 1, 2, 3 }));
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void A_request_has_one_outcome()
    {
        var operation = _scene.Send(Change.Set(Scene.Key, "n", 1));
        _scene.Commit(Entry.Change().By(operation, 1));
        _scene.Commit(Entry.Change().By(operation, 2));
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_refusal_is_an_outcome_too()
    {
        var operation = _scene.Send(Change.Set(Scene.Key, "n", 1));
        _scene.Commit(Entry.Refusal(operation, RefusalCode.NotFound));
        _scene.Ledger.TryFindOutcome(operation.Writer, operation.Request, out var outcome).ShouldBeTrue();
        (outcome.Versions, outcome.Refusal).ShouldBe((null, (int)RefusalCode.NotFound));
        _scene.Commit(Entry.Change().By(operation, 1));
        _scene.Fault.ShouldBe("I4");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Session_numbers_grow_by_one(long second)
    {
        _scene.Commit(Entry.Opened(_scene.Wish(Scene.Alice), 1), Entry.Ended(), Entry.Opened(_scene.Wish(Scene.Bob), second));
        _scene.Fault.ShouldBe(second == 0 ? "I3" : "I5", "without a number there is no session to be read");
    }

    [Fact]
    public void No_two_hold_a_session()
    {
        _scene.Commit(Entry.Opened(_scene.Wish(Scene.Alice), 1));
        _scene.Commit(Entry.Opened(_scene.Wish(Scene.Bob), 2));
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_session_ends_once()
    {
        _scene.Commit(Entry.Opened(_scene.Wish(Scene.Alice), 1), Entry.Ended(), Entry.Ended());
        _scene.Fault.ShouldBe("I5");
    }

    [Fact]
    public void A_removal_ends_the_session_and_takes_the_messages_along()
    {
        _scene.Commit(Entry.Change(), Entry.Message(1), Entry.Opened(_scene.Wish(Scene.Alice), 1), Entry.Removed());
        _scene.Commit(Entry.Opened(_scene.Wish(Scene.Bob), 2));
        _scene.Fault.ShouldBeNull();
        _scene.Ledger.Find(Scene.Key)!.WaitingMessages.ShouldBeEmpty();
    }

    [Fact]
    public void A_message_is_processed_once()
    {
        _scene.Commit(Entry.Change(), Entry.Message(1), Entry.Increment().Processing(1), Entry.Increment().Processing(1));
        _scene.Fault.ShouldBe("I4");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Messages_are_numbered_without_gap(long second)
    {
        _scene.Commit(Entry.Change(), Entry.Message(1), Entry.Message(second));
        _scene.Fault.ShouldBe("I6");
    }
}
