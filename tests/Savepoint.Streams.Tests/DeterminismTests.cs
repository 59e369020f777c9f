using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void Server_and_engine_stay_on_the_scheduler_of_a_simulator()
    {
        // It throws if anything comes back from another thread, or waits for something outside.
        Play([]);
    }

    [Fact]
    public void One_run_is_as_the_other()
    {
        var first = new List<string>();
        var second = new List<string>();
        Play(first);
        Play(second);
        first.Count.ShouldBeGreaterThan(20);
        second.ShouldBe(first);
    }

    private static void Play(List<string> transcript)
    {
        var scheduler = new VirtualScheduler();
        scheduler.Run(() => PlayAsync(scheduler.Time, transcript));
    }

    private static async Task PlayAsync(VirtualTime time, List<string> transcript)
    {
        // The engine is left running: it has no thread of its own, and goes with the scheduler.
        var server = await TestServer.StartAsync(time: time);
        var holder = await server.ConnectAsync();
        var number = await holder.RequestAsync(Requests.Open("alice"));
        var opened = (await holder.AnswerAsync(number)).SessionOpened;
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await player.AskAsync(Requests.Watch("alice", coalesceMs: null));
        for (var i = 0; i < 10; i++)
            await holder.CommitAsync(Requests.Set("alice", "gold", i, m => m.Session = opened.Session));
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
