using static Savepoint.Simulation.HistoryOperation;

namespace Savepoint.Simulation.Tests.Linearizability;

public class RuleTests
{
    private const long A = 0xa, B = 0xb, C = 0xc;

    [Fact]
    public void Nothing_happened() => Passes();

    [Fact]
    public void Calls_one_after_the_other() => Passes(
        Read(1, 1).Saw(2, 0, null),
        Write(2, 3, A).Acknowledged(4, 1),
        Read(3, 5).Saw(6, 1, A),
        CompareAndSet(4, 7, 1, B).Acknowledged(8, 2),
        Read(5, 9).Saw(10, 2, B),
        Write(6, 11, null).Acknowledged(12, 3),
        Read(7, 13).Saw(14, 3, null));

    [Fact]
    public void A_read_during_a_write_sees_the_state_before_or_after()
    {
        Passes(Write(1, 1, A).Acknowledged(4, 1), Read(2, 2).Saw(3, 0, null));
        Passes(Write(1, 1, A).Acknowledged(4, 1), Read(2, 2).Saw(3, 1, A));
    }

    [Fact]
    public void A_read_after_an_acknowledged_write_must_see_it()
    {
        var result = Fails(Write(1, 1, A).Acknowledged(2, 1), Read(2, 3).Saw(4, 0, null));
        result.Order.ShouldBeEmpty();
        result.Blocked.Select(operation => operation.Id).ShouldBe([2, 1]);
    }

    [Fact]
    public void A_read_must_not_see_what_was_not_written_yet() =>
        Fails(Read(1, 1).Saw(2, 1, A), Write(2, 3, A).Acknowledged(4, 1));

    [Fact]
    public void A_read_must_not_see_a_value_that_was_never_written()
    {
        var result = Fails(Write(1, 1, A).Acknowledged(2, 1), Read(2, 3).Saw(4, 1, B));
        result.Order.Select(operation => operation.Id).ShouldBe([1]);
        result.Blocked.Select(operation => operation.Id).ShouldBe([2]);
    }

    [Fact]
    public void A_read_must_not_miss_an_entity_that_was_written() =>
        Fails(Write(1, 1, A).Acknowledged(2, 1), Read(2, 3).Saw(4, 1, null));

    [Fact]
    public void Two_writes_must_not_both_find_the_version_they_expect() =>
        Fails(CompareAndSet(1, 1, 0, A).Acknowledged(4, 1), CompareAndSet(2, 2, 0, B).Acknowledged(3, 1));

    [Fact]
    public void A_conditional_write_must_not_succeed_on_another_version() =>
        Fails(Write(1, 1, A).Acknowledged(2, 1), CompareAndSet(2, 3, 0, B).Acknowledged(4, 2));

    [Fact]
    public void Two_writes_must_not_make_one_version() =>
        Fails(Write(1, 1, A).Acknowledged(4, 1), Write(2, 2, B).Acknowledged(3, 1));

    [Fact]
    public void Writes_take_effect_in_the_order_of_their_calls() =>
        Fails(Write(1, 1, A).Acknowledged(2, 2), Write(2, 3, B).Acknowledged(4, 1));

    [Fact]
    public void Reads_must_not_go_back() => Fails(
        Write(1, 1, A).Acknowledged(6, 1),
        Read(2, 2).Saw(3, 1, A),
        Read(3, 4).Saw(5, 0, null));

    [Fact]
    public void Reads_of_one_version_see_one_value() =>
        Fails(Increment(1, 1).Acknowledged(2, 1), Read(2, 3).Saw(4, 1, A), Read(3, 5).Saw(6, 1, B));

    [Fact]
    public void An_increment_makes_some_value()
    {
        Passes(Increment(1, 1).Acknowledged(2, 1), Read(2, 3).Saw(4, 1, A), Read(3, 5).Saw(6, 1, A));
        Fails(Increment(1, 1).Acknowledged(2, 1), Read(2, 3).Saw(4, 1, null));
    }

    [Fact]
    public void A_gap_is_explained_by_an_operation_without_outcome()
    {
        Passes(Write(1, 1, A), Write(2, 2, B).Acknowledged(3, 2));
        Passes(Write(1, 1, A), Read(2, 2).Saw(3, 1, A));
        Passes(Increment(1, 1), Read(2, 2).Saw(3, 1, A));
        Passes(CompareAndSet(1, 1, 0, A), Read(2, 2).Saw(3, 1, A));
    }

    [Fact]
    public void A_gap_is_not_explained_by_nothing() => Fails(Write(1, 2, B).Acknowledged(3, 2));

    [Fact]
    public void A_gap_is_not_explained_by_a_read() => Fails(Read(1, 1), Write(2, 2, B).Acknowledged(3, 2));

    [Fact]
    public void A_gap_is_not_explained_by_what_was_called_later() => Fails(Write(1, 2, B).Acknowledged(3, 2), Write(2, 4, A));

    [Fact]
    public void A_gap_is_not_explained_by_another_value() => Fails(Write(1, 1, A), Read(2, 2).Saw(3, 1, B));

    [Fact]
    public void A_gap_is_not_explained_by_another_expected_version() => Fails(CompareAndSet(1, 1, 1, A), Write(2, 2, B).Acknowledged(3, 2));

    [Fact]
    public void An_operation_explains_one_gap_only()
    {
        Passes(Write(1, 1, A), Write(2, 2, A), Write(3, 3, B).Acknowledged(4, 3));
        Fails(Write(1, 1, A), Write(3, 3, B).Acknowledged(4, 3));
    }

    [Fact]
    public void The_operation_that_only_one_gap_can_take_is_left_to_it() =>
        Passes(Write(1, 1, A), Write(2, 2, B), Read(3, 3).Saw(5, 2, A), Write(4, 4, C).Acknowledged(6, 3));

    [Fact]
    public void An_operation_without_outcome_takes_effect_late_or_never()
    {
        Passes(Write(1, 1, A), Read(2, 2).Saw(3, 0, null), Read(3, 4).Saw(5, 1, A));
        Passes(Write(1, 1, A), Read(2, 2).Saw(3, 0, null), Read(3, 4).Saw(5, 0, null));
    }

    [Fact]
    public void A_refusal_sees_the_version()
    {
        Passes(Write(1, 1, A).Acknowledged(2, 1), CompareAndSet(2, 3, 0, B).Refused(4, 1), Read(3, 5).Saw(6, 1, A));
        Passes(Write(1, 1, A), CompareAndSet(2, 3, 0, B).Refused(4, 1), Read(3, 5).Saw(6, 1, A));
        Fails(Write(1, 1, A).Acknowledged(2, 1), CompareAndSet(2, 3, 5, B).Refused(4, 0));
        Fails(CompareAndSet(2, 3, 0, B).Refused(4, 1));
        Fails(Write(1, 1, A), CompareAndSet(2, 3, 0, B).Refused(4, 1), Read(3, 5).Saw(6, 1, C));
    }

    [Fact]
    public void A_refusal_must_not_name_the_version_that_was_expected() =>
        Fails(Write(1, 1, A).Acknowledged(2, 1), CompareAndSet(2, 3, 1, B).Refused(4, 1));

    [Fact]
    public void A_refused_write_leaves_nothing() =>
        Fails(Write(1, 1, A).Acknowledged(2, 1), CompareAndSet(2, 3, 0, B).Refused(4, 1), Read(3, 5).Saw(6, 2, B));

    [Fact]
    public void A_history_may_begin_in_the_middle()
    {
        var options = new LinearizabilityOptions { Initial = new RegisterState(5, A) };
        LinearizabilityChecker.Check([Read(1, 1).Saw(2, 5, A), Write(2, 3, B).Acknowledged(4, 6)], options).IsLinearizable.ShouldBeTrue();
        LinearizabilityChecker.Check([Read(1, 1).Saw(2, 5, B)], options).IsLinearizable.ShouldBeFalse();
        LinearizabilityChecker.Check([Read(1, 1).Saw(2, 4, A)], options).IsLinearizable.ShouldBeFalse();
        LinearizabilityChecker.Check([Write(1, 1, B).Acknowledged(2, 5)], options).IsLinearizable.ShouldBeFalse();
    }

    [Fact]
    public void Too_few_steps_are_no_pass()
    {
        HistoryOperation[] history = [Write(1, 1, A), Write(2, 2, B), Write(3, 3, C).Acknowledged(4, 3)];
        var result = LinearizabilityChecker.Check(history, new LinearizabilityOptions { MaxSteps = 1 });
        result.Verdict.ShouldBe(LinearizabilityVerdict.Unknown);
        result.IsLinearizable.ShouldBeFalse();
        Passes(history);
    }

    [Fact]
    public void A_violation_reads_well() => Fails(Write(1, 1, A).Acknowledged(2, 1), Write(2, 3, B), Read(3, 4).Saw(5, 2, C)).ToString().ShouldBe(
        """
        NotLinearizable: version 2 (value c) was acknowledged to nobody, and no operation can have made it before #3 returned.
        In order so far, 1 operations:
          #1 [1, 2] write(value a) → ok, version 1
        Cannot be placed together after these:
          #3 [4, 5] read → version 2, value c

        """, StringCompareShould.IgnoreLineEndings);

    [Fact]
    public void A_long_violation_is_cut()
    {
        HistoryOperation[] history = [.. Enumerable.Range(1, 1000).Select(i => Write(i, 2 * i, i).Acknowledged((2 * i) + 1, i == 900 ? 901 : i))];
        var text = Fails(history).ToString();
        text.Split('\n').Length.ShouldBeLessThan(30);
        text.ShouldContain("#899 ");
    }

    private static void Passes(params HistoryOperation[] history)
    {
        var result = LinearizabilityChecker.Check(history);
        result.IsLinearizable.ShouldBeTrue(result.ToString());
        BruteForce.IsLinearizable(history).ShouldBeTrue();
    }

    private static LinearizabilityResult Fails(params HistoryOperation[] history)
    {
        var result = LinearizabilityChecker.Check(history);
        result.Verdict.ShouldBe(LinearizabilityVerdict.NotLinearizable);
        if (history.Length < 10)
            BruteForce.IsLinearizable(history).ShouldBeFalse();
        return result;
    }
}
