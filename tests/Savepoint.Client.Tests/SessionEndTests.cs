using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>How a session ends: by its holder, by others, by the server.</summary>
public sealed class SessionEndTests
{
    [Fact]
    public void EndSessionAsync_saves_and_releases() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var events = new List<string>();
        profile.LastSaving += reason =>
        {
            events.Add($"last saving {reason}");
            profile.Data.Name = "Left";
        };
        profile.Saving += () => events.Add("saving");
        profile.Saved += version => events.Add($"saved {version}");
        profile.SessionEnded += info => events.Add($"ended {info.Reason} {info.HadUnsavedChanges}");
        profile.Data.Gold = 5;
        await profile.EndSessionAsync();
        await profile.EndSessionAsync();
        events.ShouldBe(["last saving Manual", "saving", "saved 2", "ended Ended False"]);
        server.Entity("ada").IsHeld.ShouldBeFalse();
        server.Entity("ada")["name"].ShouldBe("Left");
        profile.IsActive.ShouldBeFalse();
        Should.Throw<SavepointException>(() => profile.Data.Gold = 6).Code.ShouldBe(ErrorCodes.SessionLost);
        (await Expect.FailureAsync(profile.SaveAsync())).Code.ShouldBe(ErrorCodes.SessionLost);
    });

    [Fact]
    public void A_final_save_is_tried_again_until_it_is_durable_and_only_then_the_session_released() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Gold = 5;
        var refusals = 4;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit && refusals-- > 0 ? Treatment.Refuse : Treatment.Normal;
        await profile.EndSessionAsync();
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Units.Count().ShouldBe(5);
        server.Requests.Last().BodyCase.ShouldBe(ClientMessage.BodyOneofCase.EndSession);
        server.Entity("ada").IsHeld.ShouldBeFalse();
    });

    [Fact]
    public void A_final_save_outlasts_an_outage() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        server.IsDown = true;
        server.Break();
        profile.Data.Gold = 5;
        var ending = profile.EndSessionAsync();
        await simulation.Delay(25);
        server.IsDown = false;
        await ending;
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Entity("ada").IsHeld.ShouldBeFalse();
    });

    [Fact]
    public void A_final_save_that_never_succeeds_ends_with_the_loss_told() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        profile.Data.Gold = 5;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        var error = await Expect.FailureAsync(profile.EndSessionAsync());
        error.Code.ShouldBe(ErrorCodes.SessionLost);
        (await ended).ShouldBe(new SessionEndedInfo(SessionEndReason.GivenUp, null, true));
        simulation.Time.Elapsed.ShouldBe(TimeSpan.FromSeconds(120), TimeSpan.FromSeconds(6));
    });

    [Fact]
    public void A_session_whose_final_save_is_given_up_is_released_for_others() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        profile.Data.Gold = 5;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        await Expect.FailureAsync(profile.EndSessionAsync());
        (await ended).ShouldBe(new SessionEndedInfo(SessionEndReason.GivenUp, null, true));
        await simulation.Delay(1);
        server.Entity("ada").IsHeld.ShouldBeFalse();
        server.Entity("ada")["gold"].ShouldBe(0);
    });

    [Fact]
    public void A_session_that_is_given_up_is_released_as_soon_as_the_server_takes_it() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        server.IsDown = true;
        server.Break();
        profile.Data.Gold = 5;
        var ending = profile.EndSessionAsync();
        await Expect.FailureAsync(ending);
        (await ended).HadUnsavedChanges.ShouldBeTrue();
        await simulation.Delay(20);
        var refusals = 3;
        server.Treat = message => message.EndSession is not null && refusals-- > 0 ? Treatment.Refuse : Treatment.Normal;
        server.IsDown = false;
        await server.Next(message => message.EndSession is not null && refusals == 0);
        await simulation.Delay(1);
        server.Entity("ada").IsHeld.ShouldBeFalse();
    });

    [Fact]
    public void A_session_that_another_server_wants_is_saved_and_ended() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var lastSaving = Expect.Event<LastSaveReason>(handler => profile.LastSaving += handler);
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        profile.Data.Gold = 5;
        server.PushTo("ada", watch => new ServerMessage { SessionRequested = new SessionRequested { Watch = watch, Requester = "server-2" } });
        (await ended).Reason.ShouldBe(SessionEndReason.Ended);
        (await lastSaving).ShouldBe(LastSaveReason.External);
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Entity("ada").IsHeld.ShouldBeFalse();
        simulation.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void A_handler_can_keep_a_session_that_another_server_wants() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var asked = "";
        var options = new SessionOptions
        {
            HandOver = request =>
            {
                asked = $"{request.Requester} wants {request.Profile.Id}";
                return false;
            },
        };
        var profile = (await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada", options)).ProfileOrThrow();
        server.PushTo("ada", watch => new ServerMessage { SessionRequested = new SessionRequested { Watch = watch, Requester = "server-2" } });
        await simulation.Delay(1);
        asked.ShouldBe("server-2 wants ada");
        profile.IsActive.ShouldBeTrue();
    });

    [Fact]
    public void A_stolen_session_ends_with_the_thief_named() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        profile.Data.Gold = 5;
        server.Steal("ada", "server-2");
        (await ended).ShouldBe(new SessionEndedInfo(SessionEndReason.Stolen, "server-2", true));
    });

    [Fact]
    public void A_save_under_a_lost_session_is_refused_and_ends_it() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        server.Entity("ada").Watches.Clear();
        server.Steal("ada", "server-2");
        profile.Data.Gold = 5;
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.Holder).ShouldBe((ErrorCodes.SessionLost, "server-2"));
        (await ended).Reason.ShouldBe(SessionEndReason.Stolen);
        server.Entity("ada")["gold"].ShouldBe(0);
    });

    [Fact]
    public void A_session_that_is_gone_after_a_reconnect_has_ended() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        server.Break();
        (server.Entity("ada").IsHeld, server.Entity("ada").Holder) = (false, "");
        (await ended).ShouldBe(new SessionEndedInfo(SessionEndReason.LeaseExpired, null, false));
    });

    [Fact]
    public void Another_database_ends_all_sessions() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        var ended = Expect.Event<SessionEndedInfo>(handler => profile.SessionEnded += handler);
        server.Treat = _ => Treatment.Ignore;
        profile.Data.Gold = 5;
        var saving = profile.SaveAsync();
        await server.NextUnit();
        server.Treat = _ => Treatment.Normal;
        server.Database = FakeServer.Bytes(9);
        server.Entity("ada").IsHeld = false;
        server.Break();
        (await ended).Reason.ShouldBe(SessionEndReason.DatabaseChanged);
        await Expect.FailureAsync(saving);
        var again = await client.OpenAsync();
        again.IsActive.ShouldBeTrue();
        server.Writers.Count.ShouldBe(2);
    });

    [Fact]
    public void Shutting_down_ends_all_sessions_and_waits_for_their_saves() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        var client = await server.ConnectClientAsync();
        var reasons = new List<LastSaveReason>();
        for (var i = 0; i < 10; i++)
        {
            var profile = (await client.Store<PlayerProfile>("profile").OpenSessionAsync($"player {i}")).ProfileOrThrow();
            profile.LastSaving += reasons.Add;
            profile.Data.Gold = i + 1;
        }
        await client.DisposeAsync();
        for (var i = 0; i < 10; i++)
        {
            server.Entity($"player {i}")["gold"].ShouldBe(i + 1);
            server.Entity($"player {i}").IsHeld.ShouldBeFalse();
        }
        reasons.ShouldBe(Enumerable.Repeat(LastSaveReason.Shutdown, 10));
        server.Connections.ShouldBe(0);
        (await Expect.FailureAsync(client.Store("profile").ViewAsync("ada"))).Code.ShouldBe(ClientErrorCodes.Closed);
    });

    [Fact]
    public void A_server_that_goes_down_gets_the_unsaved_changes_first_and_the_session_goes_on_after_it() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { AutosaveInterval = TimeSpan.FromMinutes(5) });
        var profile = await client.OpenAsync();
        var draining = Expect.Event<TimeSpan>(handler => client.Draining += handler);
        profile.Data.Gold = 5;
        server.Push(new ServerMessage { Draining = new Draining { GraceMs = 5000 } });
        (await draining).ShouldBe(TimeSpan.FromSeconds(5));
        await Expect.Event<long>(handler => profile.Saved += handler);
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Break();
        profile.Data.Gold = 6;
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(6);
    });
}
