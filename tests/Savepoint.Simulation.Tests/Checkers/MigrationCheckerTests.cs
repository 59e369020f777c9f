using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class MigrationCheckerTests : IDisposable
{
    private const string Migrated = """{"$$template":1,"migrated":1}""";
    private const string Old = """{"n":1}""";

    private static readonly EntityKey Thing = GameKinds.Thing(1);

    private readonly Scene _scene = new(new MigrationChecker(isShared: false));

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_node_of_the_second_release_shows_what_is_migrated_and_one_of_the_first_what_there_is()
    {
        Show("node-1", Old);
        Show("node-2", Old);
        Show("node-3", Migrated);
        Show("node-3", null);
        Show("node-3", Old, asked: 1);
        Watch("node-12", Migrated);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_node_of_the_second_release_shows_no_reader_what_is_not_migrated()
    {
        Show("node-3", Old);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_node_of_the_second_release_shows_no_watcher_what_is_not_migrated()
    {
        Watch("node-12", Old);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void Where_several_nodes_share_the_shards_the_first_is_of_the_second_release()
    {
        using var shared = new Scene(new MigrationChecker(isShared: true));
        shared.History.Shown("node-1", new EntitySnapshot { Key = Thing, Version = 1, Document = Scene.Bytes(Old) }, asked: 0);
        shared.Fault.ShouldBe("I4");
    }

    [Theory]
    [InlineData(1, true, null)]
    [InlineData(2, true, "I4")]
    [InlineData(1, false, "I4")]
    public void The_number_of_the_template_and_what_the_migration_does_come_together_and_once(long times, bool isStamped, string? fault)
    {
        var delta = new DeltaWriter();
        delta.Set(GameKinds.Migrated, times);
        if (isStamped)
            delta.Set(ReservedKeys.Template, 1);
        _scene.Commit(Entry.ChangeOf(Thing) with { Payload = delta.ToArray() });
        _scene.History.End();
        _scene.Fault.ShouldBe(fault);
    }

    private void Show(string node, string? json, long asked = 0) =>
        _scene.History.Shown(node, new EntitySnapshot { Key = Thing, Version = 1, Document = Scene.Bytes(json) }, asked);

    private void Watch(string node, string json) =>
        _scene.History.WatchStarted(node, 1, new EntitySnapshot { Key = Thing, Version = 1, Document = Scene.Bytes(json) }, fromVersion: 0);
}
