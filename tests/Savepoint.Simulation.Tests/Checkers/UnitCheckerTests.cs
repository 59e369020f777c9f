using Savepoint.Engine.Journal;

namespace Savepoint.Simulation.Tests.Checkers;

/// <summary>What the ledger, and the checker of units, require of those over several nodes.</summary>
public sealed class UnitCheckerTests : IDisposable
{
    private static readonly Guid One = new("10000000-0000-0000-0000-000000000000");
    private static readonly Guid Other = new("20000000-0000-0000-0000-000000000000");

    private readonly Scene _scene = new(new UnitChecker());

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_unit_is_prepared_decided_carried_out_and_forgotten()
    {
        _scene.Commit(Entry.Change("n", 1));
        _scene.Commit(Entry.Prepared(One, 2, "n", 2));
        _scene.Show(1, """{"n":1}""");
        _scene.Commit(Entry.Decided(One, 2));
        _scene.Ledger.Units.IsPromised(Scene.Key, 2).ShouldBeTrue();
        _scene.Commit(Entry.Change("n", 2), Entry.Of(RecordType.PrepareEnded, One));
        _scene.Show(2, """{"n":2}""");
        _scene.Commit(Entry.Of(RecordType.DecisionEnded, One), Entry.Of(RecordType.UnitAborted, One));
        _scene.Commit(Entry.Prepared(Other, 3), Entry.Of(RecordType.UnitAborted, Other), Entry.Of(RecordType.PrepareEnded, Other), Entry.Change("n", 3));
        _scene.History.End();
        _scene.Fault.ShouldBeNull();
        (_scene.Ledger.Units.Decided, _scene.Ledger.Units.Open, _scene.Ledger.Units.Aborted).ShouldBe((1, 0, 2));
    }

    [Fact]
    public void What_is_decided_was_prepared()
    {
        _scene.Commit(Entry.Change(), Entry.Decided(One, 2));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void And_for_the_same_versions()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Decided(One, 3));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_aborted_is_not_decided()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Of(RecordType.UnitAborted, One), Entry.Decided(One, 2));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Nor_the_other_way_round()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Decided(One, 2), Entry.Of(RecordType.UnitAborted, One));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Nothing_else_changes_what_is_held()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Change());
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_carried_out_is_what_was_prepared()
    {
        _scene.Commit(Entry.Change("n", 1), Entry.Prepared(One, 2, "n", 2), Entry.Decided(One, 2), Entry.Change("n", 3));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_is_decided_is_not_forgotten_by_its_part()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Decided(One, 2), Entry.Of(RecordType.PrepareEnded, One));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Nor_by_its_home_shard()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Decided(One, 2), Entry.Of(RecordType.DecisionEnded, One));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Two_units_do_not_hold_the_same()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Prepared(Other, 2));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void Nobody_is_shown_what_was_before_a_decision()
    {
        _scene.Commit(Entry.Change("n", 1), Entry.Prepared(One, 2, "n", 2), Entry.Decided(One, 2));
        _scene.Show(1, """{"n":1}""");
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void What_was_decided_is_carried_out_in_the_end()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2), Entry.Decided(One, 2));
        _scene.History.End();
        _scene.Fault.ShouldBe("progress");
    }

    [Fact]
    public void And_nothing_is_held_for_ever()
    {
        _scene.Commit(Entry.Change(), Entry.Prepared(One, 2));
        _scene.History.End();
        _scene.Fault.ShouldBe("progress");
    }
}
