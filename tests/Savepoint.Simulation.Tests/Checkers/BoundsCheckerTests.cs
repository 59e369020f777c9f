using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class BoundsCheckerTests
{
    private static readonly DatabaseSnapshot Quiet = new()
    {
        Shards = new ShardRange(0, 3),
        QueuedUnits = 0,
        QueuedBytes = 0,
        UncheckpointedRecords = 0,
        CheckpointLag = default,
        UnpublishedRecords = 0,
        HeldBackShards = 0,
        ServedShards = 4,
        FailedShards = 0,
    };

    private static readonly EngineSnapshot Idle = new()
    {
        IsReady = true,
        ResidentEntities = 0,
        Sessions = 0,
        Watchers = 0,
        Databases = [Quiet],
        FailedShards = new Dictionary<int, string>(),
    };

    [Fact]
    public void A_node_within_its_limits_is_all_right() =>
        FaultOf(With(Quiet with { QueuedUnits = 10, QueuedBytes = 100 }) with { ResidentEntities = 10, Sessions = 5, Watchers = 5 }).ShouldBeNull();

    [Fact]
    public void Queues_and_memory_are_bounded()
    {
        FaultOf(With(Quiet with { QueuedUnits = 31 })).ShouldBe("I9");
        FaultOf(With(Quiet with { QueuedBytes = 301 })).ShouldBe("I9");
        FaultOf(Idle with { ResidentEntities = 11 }).ShouldBe("I9");
    }

    [Fact]
    public void Nothing_is_counted_down_below_zero()
    {
        FaultOf(With(Quiet with { QueuedUnits = -1 })).ShouldBe("I9");
        FaultOf(With(Quiet with { QueuedBytes = -1 })).ShouldBe("I9");
        FaultOf(With(Quiet with { UncheckpointedRecords = -1 })).ShouldBe("I9");
        FaultOf(Idle with { Sessions = -1 }).ShouldBe("I9");
        FaultOf(Idle with { Watchers = -1 }).ShouldBe("I9");
        FaultOf(Idle with { ResidentEntities = -1 }).ShouldBe("I9");
    }

    [Fact]
    public void A_fault_that_the_engine_reports_is_one() => FaultOf(Idle with { Fault = "broken" }).ShouldBe("fault");

    private static EngineSnapshot With(DatabaseSnapshot database) => Idle with { Databases = [Quiet, database] };

    private static string? FaultOf(EngineSnapshot snapshot)
    {
        using var scene = new Scene(new BoundsChecker(new EngineOptions { MaxQueuedUnits = 10, MaxQueuedBytes = 100, MaxResidentEntities = 10 }));
        scene.History.LookAt("node-1", snapshot);
        return scene.Fault;
    }
}
