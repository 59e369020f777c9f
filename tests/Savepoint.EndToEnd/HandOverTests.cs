using Savepoint.Client;

namespace Savepoint.EndToEnd;

public class HandOverTests
{
    private const string Kind = "profile";

    [Fact]
    public async Task A_hero_hops_between_game_servers_and_nothing_of_it_is_lost()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.ConnectAsync("gs-1");
        await using var second = await server.ConnectAsync("gs-2");
        var clients = new[] { first, second };
        for (var hop = 0; hop < 40; hop++)
        {
            var opened = await clients[hop % 2].Store(Kind).OpenSessionAsync("hero", cancellationToken: TestContext.Current.CancellationToken);
            var profile = opened.ProfileOrThrow();
            (profile.TryGet("hops", out var hops) ? hops.AsInt64() : 0).ShouldBe(hop, "what the other server changed, saved or not, is here");

            // Not saved: handing over does it.
            profile["hops"] = hop + 1L;
        }
    }

    [Fact]
    public async Task A_session_that_was_stolen_can_write_no_more()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = await server.ConnectAsync("gs-1");
        await using var second = await server.ConnectAsync("gs-2");
        var held = (await first.Store(Kind).OpenSessionAsync("hero", cancellationToken: TestContext.Current.CancellationToken)).ProfileOrThrow();
        var ended = new TaskCompletionSource<SessionEndedInfo>(TaskCreationOptions.RunContinuationsAsynchronously);
        held.SessionEnded += ended.SetResult;

        var refused = await second.Store(Kind).OpenSessionAsync("hero", new SessionOptions { Conflict = SessionConflict.Fail }, TestContext.Current.CancellationToken);
        refused.ShouldBeOfType<SessionOpenResult<Untyped>.HeldElsewhere>().Holder.ShouldBe("gs-1");
        var stolen = await second.Store(Kind).OpenSessionAsync("hero", new SessionOptions { Conflict = SessionConflict.Steal }, TestContext.Current.CancellationToken);

        (await ended.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Holder.ShouldBe("gs-2");
        held.IsActive.ShouldBeFalse();
        stolen.ProfileOrThrow().SessionNumber.ShouldBeGreaterThan(held.SessionNumber);
    }
}
