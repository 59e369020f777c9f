using Savepoint.Engine.Units;

namespace Savepoint.Simulation.Tests.Checkers;

public sealed class MessageCheckerTests : IDisposable
{
    private const int Most = 2;

    private readonly Scene _scene = new(new MessageChecker(Most));

    public MessageCheckerTests() => _scene.Commit(Entry.Change());

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_message_is_kept_delivered_and_processed()
    {
        var message = _scene.Send(Change.Message(Scene.Key, 5));
        _scene.Commit(Entry.Message(1, 5).By(message, 1));
        _scene.Answer(message, 1);
        _scene.Answer(message, 1);
        _scene.History.Delivered("node-1", 1, Scene.Key, 1);
        var processing = _scene.Send(Change.Add(Scene.Key, "n", 1).Processing([1]));
        _scene.Commit(Entry.Increment().By(processing, 2).Processing(1));
        _scene.Answer(processing, 2);
        _scene.Fault.ShouldBeNull();
    }

    [Fact]
    public void A_message_is_acknowledged_after_it_is_committed()
    {
        _scene.Answer(_scene.Send(Change.Message(Scene.Key, 5)), 1);
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void A_message_is_kept_as_it_was_sent()
    {
        var message = _scene.Send(Change.Message(Scene.Key, 5));
        _scene.Commit(Entry.Message(1, 6).By(message, 1));
        _scene.Answer(message, 1);
        _scene.Fault.ShouldBe("I7");
    }

    [Fact]
    public void Two_messages_are_not_acknowledged_as_one()
    {
        _scene.Commit(Entry.Message(1, 5));
        _scene.Answer(_scene.Send(Change.Message(Scene.Key, 5)), 1);
        _scene.Answer(_scene.Send(Change.Message(Scene.Key, 5)), 1);
        _scene.Fault.ShouldBe("I4");
    }

    [Fact]
    public void A_message_is_delivered_after_it_is_committed()
    {
        _scene.Commit(Entry.Message(1));
        _scene.History.Delivered("node-1", 1, Scene.Key, 2);
        _scene.Fault.ShouldBe("I2");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(1)]
    public void Messages_are_delivered_in_turn_and_once(long second)
    {
        _scene.Commit(Entry.Message(1), Entry.Message(2));
        _scene.History.Delivered("node-1", 1, Scene.Key, 2);
        _scene.History.Delivered("node-1", 2, Scene.Key, 1);
        _scene.Fault.ShouldBeNull();
        _scene.History.Delivered("node-1", 1, Scene.Key, second);
        _scene.Fault.ShouldBe("I6");
    }

    [Fact]
    public void A_message_is_processed_with_the_change_that_says_so()
    {
        _scene.Commit(Entry.Message(1));
        var processing = _scene.Send(Change.Add(Scene.Key, "n", 1).Processing([1]));
        _scene.Commit(Entry.Increment().By(processing, 2));
        _scene.Fault.ShouldBe("I8");
    }

    [Fact]
    public void No_more_messages_wait_than_may()
    {
        _scene.Commit(Entry.Message(1), Entry.Message(2));
        _scene.Fault.ShouldBeNull();
        _scene.Commit(Entry.Message(3));
        _scene.Fault.ShouldBe("I9");
    }

    [Fact]
    public void A_message_is_refused_when_as_many_wait_as_may()
    {
        _scene.Commit(Entry.Message(1));
        _scene.Commit(Entry.Message(2));
        var message = _scene.Send(Change.Message(Scene.Key, 5));
        _scene.Commit(Entry.Increment().Processing(1, 2));
        _scene.Refuse(message, RefusalCode.TooManyMessages);
        _scene.Fault.ShouldBeNull();
        _scene.Refuse(_scene.Send(Change.Message(Scene.Key, 5)), RefusalCode.TooManyMessages);
        _scene.Fault.ShouldBe("I9");
    }

    [Fact]
    public void Only_what_was_processed_already_cannot_be_processed()
    {
        _scene.Commit(Entry.Message(1), Entry.Message(2));
        var processing = _scene.Send(Change.Add(Scene.Key, "n", 1).Processing([1, 2]));
        _scene.Commit(Entry.Increment().Processing(1));
        _scene.Refuse(processing, RefusalCode.InvalidRequest);
        _scene.Fault.ShouldBeNull();
        _scene.Refuse(_scene.Send(Change.Add(Scene.Key, "n", 1).Processing([2])), RefusalCode.InvalidRequest);
        _scene.Fault.ShouldBe("I4");
    }
}
