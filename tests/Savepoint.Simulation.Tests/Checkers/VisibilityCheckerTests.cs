using Savepoint.Documents;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class VisibilityCheckerTests : IDisposable
{
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    private readonly Scene _scene = new(new VisibilityChecker(Retention));

    public VisibilityCheckerTests()
    {
        _scene.Commit(Entry.Change("n", 1));
        _scene.Commit(Entry.Change("n", 2));
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void What_is_committed_may_be_shown()
    {
        _scene.Show(2, """{"n":2}""");
        _scene.Show(1, """{"n":1}""", asked: 1);
        _scene.StartWatch(1, 1, """{"n":1}""");
        _scene.StartWatch(2, 1, null, resumedFrom: 1);
        _scene.Push(1, 2, """{"n":2}""");
        _scene.Push(1, 0, """{"n":7}""");
        var write = _scene.Send(Change.Set(Scene.Key, "n", 3));
        _scene.Answer(write, 2);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_shown_before_it_is_committed()
    {
        _scene.Show(3, """{"n":3}""");
        _scene.Fault.ShouldBe("I2");
    }

    [Theory]
    [InlineData("""{"n":1}""")]
    [InlineData(null)]
    public void What_is_shown_is_what_was_committed(string? json)
    {
        _scene.Show(2, json);
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void What_was_removed_is_shown_as_removed()
    {
        _scene.Commit(Entry.Removed());
        _scene.Show(3, null);
        _scene.Fault.ShouldBeNull();
        _scene.Show(3, "{}");
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void The_version_that_was_asked_for_is_shown()
    {
        _scene.Show(2, """{"n":2}""", asked: 1);
        _scene.Fault.ShouldBe("I3");
    }

    [Theory]
    [InlineData(1, "I3")]
    [InlineData(11, null)]
    public void A_version_can_be_read_until_retention_ends(int minutes, string? fault)
    {
        _scene.Time.Advance(TimeSpan.FromMinutes(minutes));
        _scene.History.NotShown("node-1", Scene.Key, 1, new Refusal(RefusalCode.VersionNotFound));
        _scene.Fault.ShouldBe(fault);
    }

    [Fact]
    public void The_newest_version_can_be_read_however_old_it_is()
    {
        _scene.Time.Advance(TimeSpan.FromMinutes(11));
        _scene.History.NotShown("node-1", Scene.Key, 2, new Refusal(RefusalCode.VersionNotFound));
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void A_version_that_never_was_cannot_be_read()
    {
        _scene.History.NotShown("node-1", Scene.Key, 3, new Refusal(RefusalCode.VersionNotFound));
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_watcher_is_started_with_what_is_committed()
    {
        _scene.StartWatch(1, 3, """{"n":3}""");
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void Nothing_is_pushed_before_it_is_committed()
    {
        _scene.Push(1, 3, """{"n":3}""");
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void Pushes_make_what_was_committed()
    {
        _scene.Push(1, 2, """{"n":1}""");
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void Only_properties_without_versions_may_differ_from_the_version()
    {
        var body = GameKinds.Body(1);
        _scene.Commit(Entry.ChangeOf(body, "n", 1));
        Show("""{"n":1,"mood":5,"place":6}""");
        _scene.Fault.ShouldBeNull();
        Show("""{"n":2}""");
        _scene.Fault.ShouldBe("I3");

        void Show(string json) =>
            _scene.History.Shown("node-1", new Engine.Watching.EntitySnapshot { Key = body, Version = 1, Document = Scene.Bytes(json) }, asked: 0);
    }

    [Fact]
    public void A_version_that_is_pushed_is_exact_in_all_properties()
    {
        var body = GameKinds.Body(1);
        _scene.Commit(Entry.ChangeOf(body, "mood", 1));
        _scene.History.Pushed(
            "node-1", 1, new Engine.Watching.EntityChange { Key = body, Version = 1, Delta = default }, DocumentJson.Parse("""{"mood":2}"""));
        _scene.Fault.ShouldBe("I3");
    }

    [Fact]
    public void No_answer_names_a_version_that_is_not_committed()
    {
        _scene.Answer(_scene.Send(Change.Set(Scene.Key, "n", 3)), 3);
        _scene.Fault.ShouldBe("I2");
    }

    [Fact]
    public void No_answer_names_a_message_that_is_not_committed()
    {
        _scene.Commit(Entry.Message(1));
        _scene.Answer(_scene.Send(Change.Message(Scene.Key, 5)), 1);
        _scene.Fault.ShouldBeNull();
        _scene.Answer(_scene.Send(Change.Message(Scene.Key, 5)), 2);
        _scene.Fault.ShouldBe("I2");
    }

    [Theory]
    [InlineData(1, 2, null)]
    [InlineData(2, 2, "I2")]
    [InlineData(9, 1, "I2")]
    [InlineData(9, 3, "I2")]
    public void A_version_that_stood_in_the_way_was_there(long expected, long current, string? fault)
    {
        var write = _scene.Send(Change.Set(Scene.Key, "n", 3).At(expected));
        _scene.Refuse(write, new Refusal(RefusalCode.VersionMismatch) { CurrentVersion = current });
        _scene.Fault.ShouldBe(fault);
    }

    [Theory]
    [InlineData(-5, "I2")]
    [InlineData(5, null)]
    public void A_state_that_refuses_a_change_was_there(long least, string? fault)
    {
        var write = _scene.Send(Change.Add(Scene.Key, "n", -1, min: least));
        _scene.Refuse(write, new Refusal(RefusalCode.Document) { DocumentError = DocumentError.OutOfBounds });
        _scene.Fault.ShouldBe(fault);
    }

    [Theory]
    [InlineData(RefusalCode.Internal)]
    [InlineData(RefusalCode.RequestReused)]
    public void Nobody_is_refused_for_a_fault_of_the_engine(RefusalCode code)
    {
        _scene.Refuse(_scene.Send(Change.Set(Scene.Key, "n", 3)), code);
        _scene.Fault.ShouldBe("I4");
    }
}
