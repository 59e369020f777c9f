using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void Server_and_engine_stay_on_the_scheduler_of_a_simulator()
    {
        var context = SingleThread.Run(PlayAsync);
        context.Strays.ShouldBe(0);
    }

    [Fact]
    public void One_run_is_as_the_other()
    {
        var first = new List<string>();
        var second = new List<string>();
        SingleThread.Run(_ => PlayAsync(first));
        SingleThread.Run(_ => PlayAsync(second));
        first.Count.ShouldBeGreaterThan(20);
        second.ShouldBe(first);
    }

    private static Task PlayAsync(SingleThread context) => PlayAsync([]);

    private static async Task PlayAsync(List<string> transcript)
    {
        // The engine is left running: it has no thread and no timer of its own, and goes with the scheduler.
        var time = new ManualTime();
        var server = await TestServer.StartAsync(time: time);
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var opened = (await holder.AnswerAsync(number)).SessionOpened;
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await player.AskAsync(Requests.Watch("alice", coalesceMs: null));
        for (var i = 0; i < 10; i++)
            await holder.CommitAsync(Requests.Set("alice", "gold", i, m => m.Session = opened.Session));
        time.Advance(TimeSpan.FromSeconds(2));
        await player.NextAsync(message => message.Change?.Version == opened.Version + 10);
        await holder.AskAsync(Requests.End("alice", opened.Session));

        var draining = server.Streams.DrainAsync(CancellationToken.None);
        await player.UntilClosedAsync();
        await holder.UntilClosedAsync();
        await player.CloseAsync();
        await holder.CloseAsync();
        await draining;
        transcript.AddRange(holder.Received.Concat(player.Received).Select(message => message.ToString()));
    }
}
