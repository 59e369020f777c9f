using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class SessionTests
{
    [Fact]
    public void A_new_profile_starts_from_the_defaults_of_its_class() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        (profile.IsNew, profile.Version, profile.SessionNumber).ShouldBe((true, 1L, 1L));
        (profile.Data.Name, profile.Data.Health, profile.Data.Stats.Kills).ShouldBe(("Nobody", 100, 0L));
        server.Entity("ada")["stats.kills"].ShouldBe(0);
    });

    [Fact]
    public void SaveAsync_returns_when_all_changes_made_before_are_durable() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        var saved = new List<long>();
        profile.Saved += saved.Add;
        profile.Data.Gold += 5;
        profile.Data.Gold += 7;
        var version = await profile.SaveAsync();
        (version, profile.Version, profile.HasUnsavedChanges).ShouldBe((2L, 2L, false));
        server.Entity("ada")["gold"].ShouldBe(12);
        saved.ShouldBe([2L]);
        (await profile.SaveAsync()).ShouldBe(2);
        server.Units.Count().ShouldBe(1);
    });

    [Fact]
    public void A_save_waits_for_the_one_before_it_and_takes_along_all_that_was_changed_meanwhile() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Gold += 1;
        var first = profile.SaveAsync();
        profile.Data.Gold += 2;
        profile.Data.Gold += 3;
        var second = profile.SaveAsync();
        (await first).ShouldBe(2);
        (await second).ShouldBe(3);
        server.Entity("ada")["gold"].ShouldBe(6);
        server.Units.Count().ShouldBe(2);
    });

    [Fact]
    public void Changes_are_saved_by_themselves_after_the_autosave_interval() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { AutosaveInterval = TimeSpan.FromSeconds(3) });
        var profile = await OpenAsync(client);
        var saving = 0;
        profile.Saving += () =>
        {
            saving++;
            profile.Data.Health = 55;
        };
        var start = simulation.Time.Elapsed;
        profile.Data.Gold = 5;
        await Expect.Event<long>(handler => profile.Saved += handler);
        (simulation.Time.Elapsed - start).ShouldBe(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(0.1));
        saving.ShouldBe(1);
        server.Entity("ada")["gold"].ShouldBe(5);
        server.Entity("ada")["health"].ShouldBe(55);
        await simulation.Delay(20);
        server.Units.Count().ShouldBe(1);
    });

    [Fact]
    public void Much_unsaved_data_is_saved_without_waiting_for_the_interval() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { AutosaveInterval = TimeSpan.FromMinutes(5), AutosaveBytes = 1000 });
        var profile = await OpenAsync(client);
        profile.Data.Name = new string('a', 1200);
        await Expect.Event<long>(handler => profile.Saved += handler);
        simulation.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void Setting_a_property_to_what_it_is_changes_nothing() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Name = "Nobody";
        profile.Data.Gold = 0;
        profile.Data.Gold += 0;
        profile["health"] = 100;
        profile.Data.Title = null;
        profile.HasUnsavedChanges.ShouldBeFalse();
    });

    [Fact]
    public void Additions_from_both_sides_count() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        var changes = new List<PropertyChange<long>>();
        profile.Data.GoldChanged += changes.Add;
        profile.Data.Gold += 100;
        server.Change("ada", delta => delta.Increment("gold", 50));
        await simulation.Delay(0.2);
        profile.Data.Gold.ShouldBe(150);
        server.Entity("ada")["gold"].ShouldBe(50);
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(150);
        profile.Data.Gold.ShouldBe(150);
        changes.ShouldBe([new(0, 100, ChangeOrigin.Local), new(100, 150, ChangeOrigin.Remote)]);
    });

    [Fact]
    public void An_unsaved_value_stays_over_a_value_from_elsewhere() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Name = "Ada";
        server.Change("ada", delta =>
        {
            delta.Set("name", "Eve");
            delta.Set("health", 1);
        });
        await simulation.Delay(0.2);
        (profile.Data.Name, profile.Data.Health, profile.Version).ShouldBe(("Ada", 1, 2L));
        await profile.SaveAsync();
        server.Entity("ada")["name"].ShouldBe("Ada");
    });

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    public void Own_changes_count_once_in_whatever_way_push_and_answer_come(bool pushFirst, bool omitDeltas, bool marked) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { PushBeforeAnswer = pushFirst, OmitOwnDeltas = omitDeltas, MarksOwnChanges = marked };
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        for (var i = 0; i < 20; i++)
        {
            profile.Data.Gold += 1;
            profile.Data.Items.Add($"item {i}");
            server.Change("ada", delta => delta.Increment("gold", 100));
            await profile.SaveAsync();
        }
        await simulation.Delay(1);
        profile.Copy().ContentEquals(server.Entity("ada").Document).ShouldBeTrue();
        (profile.Data.Gold, profile.ChecksumMismatches).ShouldBe((2020L, 0));
    });

    [Fact]
    public void A_refused_change_is_taken_back_and_reported() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var refusals = new List<ChangeRefusal>();
        profile.ChangeRefused += refusals.Add;
        var changes = new List<PropertyChange<long>>();
        profile.Data.GoldChanged += changes.Add;
        profile.Change(data => data.AddGold(-8, min: 0), "shop:sword");
        // Elsewhere somebody is faster, and the server can't tell in time.
        server.Entity("ada").Document = server.Entity("ada").Document.Clone();
        Delta.Apply(server.Entity("ada").Document, Written(delta => delta.Set("gold", 5)));
        server.Entity("ada").Record(Written(delta => delta.Set("gold", 5)));
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.Path, error.Outcome).ShouldBe(("document.out_of_bounds", "gold", RequestOutcome.NotApplied));
        refusals.ShouldHaveSingleItem().Reason.ShouldBe("shop:sword");
        refusals[0].Paths.ShouldBe([Path.Parse("gold")]);
        profile.Data.Gold.ShouldBe(10);
        changes.Select(change => change.NewValue).ShouldBe([2L, 10L]);
        profile.Data.Name = "Ada";
        await profile.SaveAsync();
    });

    [Fact]
    public void A_change_that_others_left_no_room_for_is_taken_back_before_it_is_sent() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var refused = Expect.Event<ChangeRefusal>(handler => profile.ChangeRefused += handler);
        profile.Data.AddGold(-8, min: 0);
        server.Change("ada", delta => delta.Increment("gold", -5));
        (await refused).Error.Code.ShouldBe("document.out_of_bounds");
        profile.Data.Gold.ShouldBe(5);
        profile.HasUnsavedChanges.ShouldBeFalse();
    });

    [Fact]
    public void Changes_with_a_reason_are_saved_in_a_unit_of_their_own() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Health = 90;
        profile.Change(data =>
        {
            data.Gold += 100;
            data.Experience += 2.5;
        }, "quest:dragon");
        profile.Change(data => data.Gold -= 30, "shop:sword");
        profile.Change(data => data.Gold -= 30, "shop:sword");
        await profile.SaveAsync();
        server.Units.Select(unit => unit.Unit.Reason).ShouldBe(["", "quest:dragon", "shop:sword"]);
        server.Entity("ada")["gold"].ShouldBe(40);
        Should.Throw<ArgumentException>(() => profile.Change(data => data.Gold++, new string('r', 65)));
    });

    [Fact]
    public void Of_a_change_that_throws_nothing_is_left() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Gold = 5;
        Should.Throw<NotSupportedException>(() => profile.Change(data =>
        {
            data.Gold += 100;
            data.Items.Add("sword");
            throw new NotSupportedException();
        }));
        (profile.Data.Gold, profile.Data.Items.Count).ShouldBe((5L, 0));
        await profile.SaveAsync();
        server.Entity("ada")["gold"].ShouldBe(5);
        Should.Throw<SavepointException>(() => profile.Data.AddGold(-6, min: 0)).Code.ShouldBe("document.out_of_bounds");
        profile.Data.Gold.ShouldBe(5);
    });

    [Fact]
    public void A_transient_refusal_is_the_callers_and_the_changes_are_saved_later() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        profile.Data.Gold = 5;
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.IsTransient, error.Outcome).ShouldBe((ErrorCodes.Overloaded, true, RequestOutcome.NotApplied));
        (profile.Data.Gold, profile.HasUnsavedChanges).ShouldBe((5L, true));
        server.Treat = _ => Treatment.Normal;
        await Expect.Event<long>(handler => profile.Saved += handler);
        server.Entity("ada")["gold"].ShouldBe(5);
    });

    [Fact]
    public void A_save_that_takes_too_long_says_so_and_goes_on() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        server.IsDown = true;
        server.Break();
        profile.Data.Gold = 5;
        var error = await Expect.FailureAsync(profile.SaveAsync());
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.Timeout, true));
        server.IsDown = false;
        await Expect.Event<long>(handler => profile.Saved += handler);
        server.Entity("ada")["gold"].ShouldBe(5);
    });

    [Fact]
    public void Changes_go_on_without_a_connection_and_are_saved_after_it() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        server.IsDown = true;
        server.Break();
        await simulation.Delay(2);
        client.IsConnected.ShouldBeFalse();
        profile.Data.Gold += 5;
        server.Change("ada", delta => delta.Increment("gold", 100));
        await simulation.Delay(2);
        server.IsDown = false;
        await profile.SaveAsync();
        await simulation.Delay(1);
        profile.Data.Gold.ShouldBe(105);
        server.Entity("ada")["gold"].ShouldBe(105);
        server.Requests.Count(message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession && message.OpenSession.Resume == 1).ShouldBe(1);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_save_whose_answer_was_lost_counts_once(bool keepsDeltas) => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { KeepsDeltas = keepsDeltas };
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.LoseAnswer : Treatment.Normal;
        server.Entity("ada").Watches.Clear();
        profile.Data.Gold += 5;
        var saving = profile.SaveAsync();
        await server.NextUnit();
        server.Treat = _ => Treatment.Normal;
        server.Break();
        profile.Data.Gold += 7;
        (await saving).ShouldBe(2);
        await profile.SaveAsync();
        (profile.Data.Gold, profile.Version).ShouldBe((12L, 3L));
        server.Entity("ada")["gold"].ShouldBe(12);
        profile.Copy().ContentEquals(server.Entity("ada").Document).ShouldBeTrue();
    });

    [Fact]
    public void EndSessionAsync_saves_and_releases() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var profile = await OpenAsync(client);
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
        var again = await OpenAsync(client);
        again.IsActive.ShouldBeTrue();
        server.Writers.Count.ShouldBe(2);
    });

    [Fact]
    public void A_session_that_is_held_elsewhere_names_the_holder() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        (server.Entity("ada").IsHeld, server.Entity("ada").Holder) = (true, "server-2");
        var result = await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Fail });
        result.ShouldBe(new SessionOpenResult<PlayerProfile>.HeldElsewhere("server-2", DateTimeOffset.FromUnixTimeSeconds(5)));
        Should.Throw<SavepointException>(() => result.ProfileOrThrow()).Holder.ShouldBe("server-2");
    });

    [Fact]
    public void Waiting_for_a_session_ends_in_time_even_if_the_server_does_not_answer() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        (server.Entity("ada").IsHeld, server.Entity("ada").Holder) = (true, "server-2");
        var error = await Expect.FailureAsync(client.Store<PlayerProfile>("profile").OpenSessionAsync("ada"));
        error.Code.ShouldBe(ClientErrorCodes.Timeout);
        simulation.Time.Elapsed.ShouldBe(TimeSpan.FromSeconds(135), TimeSpan.FromSeconds(0.1));
    });

    [Fact]
    public void A_session_that_comes_when_nobody_waits_any_more_is_released() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.Ignore;
        using var cancel = new CancellationTokenSource();
        var opening = client.Store<PlayerProfile>("profile").OpenSessionAsync("ada", null, cancel.Token);
        await server.Next(message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession);
        cancel.Cancel();
        await Expect.ExceptionAsync<OperationCanceledException>(opening);
        server.Treat = _ => Treatment.Normal;
        var released = server.Next(message => message.BodyCase == ClientMessage.BodyOneofCase.EndSession);
        server.Break();
        (await released).EndSession.Session.ShouldBe(1UL);
    });

    [Fact]
    public void A_profile_that_cannot_be_read_is_refused_and_left_alone() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession ? Treatment.Refuse : Treatment.Normal;
        server.Refusal = new Error { Code = ErrorCodes.Quarantined, Kind = "profile", Id = "ada" };
        var error = await Expect.FailureAsync(client.Store<PlayerProfile>("profile").OpenSessionAsync("ada"));
        (error.Code, error.Kind, error.Id, error.IsTransient).ShouldBe((ErrorCodes.Quarantined, "profile", "ada", false));
        server.Units.ShouldBeEmpty();
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
        var profile = await OpenAsync(client);
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

    [Fact]
    public void Saves_that_keep_failing_are_signalled_until_one_succeeds() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        var signals = new List<bool>();
        client.CriticalStateChanged += signals.Add;
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        profile.Data.Gold = 5;
        for (var i = 1; i <= 5; i++)
        {
            client.IsCritical.ShouldBeFalse();
            await Expect.FailureAsync(profile.SaveAsync());
        }
        client.IsCritical.ShouldBeTrue();
        server.Treat = _ => Treatment.Normal;
        await Expect.Event<long>(handler => profile.Saved += handler);
        signals.ShouldBe([true, false]);
    });

    [Fact]
    public void Failures_that_are_far_apart_are_not_critical() => Simulation.Run(async simulation =>
    {
        var health = new SaveHealth(simulation.Time);
        for (var i = 0; i < 20; i++)
        {
            health.Failed();
            await simulation.Delay(40);
        }
        health.IsCritical.ShouldBeFalse();
    });

    [Fact]
    public void A_purchase_is_granted_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.Granted);
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
        server.Entity("ada")["purchases[\"order-1\"]"].ShouldBe(DateTimeOffset.Parse("2030-01-01T00:00:00Z"));
        server.Units.Single().Unit.Reason.ShouldBe("purchase");
    });

    [Fact]
    public void Only_the_newest_purchases_are_remembered() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        var options = new PurchaseOptions { Remembered = 3 };
        for (var i = 1; i <= 5; i++)
        {
            await profile.PurchaseAsync($"order-{i}", data => data.Gold += 1, options);
            await simulation.Delay(1);
        }
        server.Entity("ada")["purchases"].AsMap().Select(entry => entry.Key).ShouldBe(["order-3", "order-4", "order-5"]);
    });

    [Fact]
    public void A_purchase_whose_save_failed_is_finished_by_asking_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        server.Treat = message => message.BodyCase == ClientMessage.BodyOneofCase.Unit ? Treatment.Refuse : Treatment.Normal;
        await Expect.FailureAsync(profile.PurchaseAsync("order-1", data => data.Gold += 100));
        server.Treat = _ => Treatment.Normal;
        (await profile.PurchaseAsync("order-1", data => data.Gold += 100)).ShouldBe(PurchaseResult.AlreadyGranted);
        server.Entity("ada")["gold"].ShouldBe(100);
    });

    [Fact]
    public void Reconcile_fills_in_what_is_missing_and_overwrites_nothing() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("name", "Ada"), ("stats.kills", 9), ("old", true));
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Health.ShouldBe(100);
        profile["health"].IsNone.ShouldBeTrue();
        profile.Reconcile();
        await profile.SaveAsync();
        var entity = server.Entity("ada");
        (entity["name"], entity["health"], entity["stats.kills"], entity["old"]).ShouldBe(("Ada", 100, 9, true));
        profile.Reconcile();
        profile.HasUnsavedChanges.ShouldBeFalse();
    });

    [Fact]
    public void A_transaction_changes_profiles_with_and_without_a_session_here_at_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await OpenAsync(client);
        profile.Data.Gold = 10;
        await profile.SaveAsync();
        var versions = await client.TransactAsync(
            t => t.Change("profile", "ada", d => d.Increment("gold", -4, min: 0)).Change("profile", "bob", d => d.Increment("gold", 4)), "trade");
        versions.ShouldBe([3L, 1L]);
        await simulation.Delay(0.1);
        profile.Data.Gold.ShouldBe(6);
        server.Units.Last().Unit.Mutations.Select(mutation => mutation.Session).ShouldBe([1UL, 0UL]);
        server.Units.Last().Unit.Reason.ShouldBe("trade");
    });

    [Fact]
    public void A_change_beyond_what_may_wait_for_the_server_is_refused() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { MaxPendingBytes = 64 << 10 });
        var profile = await OpenAsync(client);
        server.Treat = _ => Treatment.Ignore;
        profile["a"] = new string('a', 40_000);
        var error = Should.Throw<SavepointException>(() => profile["b"] = new string('b', 40_000));
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.QueueFull, true));
        profile["b"].IsNone.ShouldBeTrue();
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await profile.SaveAsync();
    });

    private static async Task<Profile<PlayerProfile>> OpenAsync(SavepointClient client, string id = "ada") =>
        (await client.Store<PlayerProfile>("profile").OpenSessionAsync(id)).ProfileOrThrow();

    private static byte[] Written(Action<DeltaWriter> write)
    {
        var delta = new DeltaWriter();
        write(delta);
        return delta.ToArray();
    }
}
