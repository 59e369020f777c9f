using Savepoint.Engine.Storage;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class JournalCheckerTests : IDisposable
{
    private readonly Scene _scene = new(new JournalChecker());

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void Segments_follow_on_each_other_and_epochs_grow()
    {
        _scene.Append(Barrier(1, epoch: 1), "node-1");
        _scene.Append(Barrier(2, epoch: 1), "node-1");
        _scene.Append(Barrier(3, epoch: 2), "node-2");
        _scene.Fault.ShouldBeNull();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void A_journal_has_no_gap_and_no_position_twice(long second)
    {
        _scene.Append(Barrier(1, epoch: 1));
        _scene.Append(Barrier(second, epoch: 1));
        _scene.Fault.ShouldBe("I1");
    }

    [Fact]
    public void Epochs_never_go_back()
    {
        _scene.Append(Barrier(1, epoch: 2));
        _scene.Append(Barrier(2, epoch: 1));
        _scene.Fault.ShouldBe("I1");
    }

    [Fact]
    public void An_epoch_is_one_process_s()
    {
        _scene.Append(Barrier(1, epoch: 1), "node-1");
        _scene.Append(Barrier(2, epoch: 1), "node-2");
        _scene.Fault.ShouldBe("I1");
    }

    private static JournalSegment Barrier(long at, long epoch) => new(0, at, at, epoch, Guid.Empty, default, default);
}
