using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public void What_is_queued_while_a_frame_is_sent_goes_into_the_next_frame() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Pay(client, 1)));
        server.Units.Select(unit => unit.Request).ShouldBe(Enumerable.Range(1, 50).Select(number => (ulong)number));
        server.Frames.Count.ShouldBeLessThan(6);
        server.Entity("ada")["gold"].ShouldBe(50);
    });

    [Fact]
    public void Unanswered_requests_are_sent_again_with_the_same_numbers_after_a_break() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.Request == 2 ? Treatment.Ignore : Treatment.LoseAnswer;
        var paying = Task.WhenAll(Pay(client, 1), Pay(client, 10), Pay(client, 100));
        await server.Next(message => message.Request == 3);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await paying;
        server.Units.Select(unit => unit.Request).ShouldBe([1UL, 2, 3, 1, 2, 3]);
        server.Entity("ada")["gold"].ShouldBe(111);
        server.Hellos[1].Writer.ShouldBe(FakeServer.Bytes(100));
    });

    [Fact]
    public void A_repeat_that_is_refused_for_now_stays_under_its_number_since_its_first_sending_may_have_taken_effect() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.LoseAnswer;
        var paying = Pay(client, 1);
        await server.NextUnit();
        var refusals = 2;
        server.Treat = _ => refusals-- > 0 ? Treatment.Refuse : Treatment.Normal;
        server.Break();
        await paying;
        server.Units.Select(unit => unit.Request).ShouldBe([1UL, 1, 1, 1]);
        server.Entity("ada")["gold"].ShouldBe(1);
    });

    [Fact]
    public void A_save_whose_repeat_is_refused_for_now_is_not_saved_twice() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = (await client.Store("profile").OpenSessionAsync("ada")).ProfileOrThrow();
        profile.Increment("gold", 5);
        server.Treat = message => message.Unit is null ? Treatment.Normal : Treatment.LoseAnswer;
        var saving = profile.SaveAsync();
        await server.NextUnit();
        var refusals = 1;
        server.Treat = message => message.Unit is not null && refusals-- > 0 ? Treatment.Refuse : Treatment.Normal;
        server.Break();
        await saving;
        server.Entity("ada")["gold"].ShouldBe(5);
        profile["gold"].ShouldBe(5);
    });

    [Fact]
    public void A_first_sending_that_is_refused_for_now_fails_at_once_as_not_applied() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Treat = _ => Treatment.Refuse };
        await using var client = await server.ConnectClientAsync();
        var error = await Expect.FailureAsync(Pay(client, 1));
        (error.IsTransient, error.Outcome).ShouldBe((true, RequestOutcome.NotApplied));
        server.Units.Count().ShouldBe(1);
    });

    [Fact]
    public void Each_frame_says_up_to_where_all_answers_have_come() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.Request == 3 ? Treatment.Ignore : Treatment.Normal;
        await Pay(client, 1);
        await Pay(client, 1);
        var third = Pay(client, 1);
        await Pay(client, 1);
        await Pay(client, 1);
        server.Frames[^1].ReceivedThrough.ShouldBe(2UL);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await third;
        await Pay(client, 1);
        server.Frames[^1].ReceivedThrough.ShouldBe(5UL);
    });

    [Fact]
    public void An_opening_that_steals_holds_back_what_is_reported_as_received() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.OpenSession is null ? Treatment.Normal : Treatment.Ignore;
        var opening = client.Store("profile").OpenSessionAsync("bob", new SessionOptions { Conflict = SessionConflict.Steal });
        await Pay(client, 1);
        await Pay(client, 1);
        server.Frames[^1].ReceivedThrough.ShouldBe(0UL, "else the server might forget that it was granted, and let it steal twice");
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await opening;
    });

    [Fact]
    public void An_opening_that_waits_and_was_forgotten_is_asked_for_under_a_new_number() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Refusal = new Error { Code = ErrorCodes.RequestForgotten } };
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.OpenSession is null ? Treatment.Normal : Treatment.Ignore;
        var opening = client.Store("profile").OpenSessionAsync("bob");
        await Pay(client, 1);
        await Pay(client, 1);
        server.Treat = message => message.OpenSession is not null && message.Request == 1 ? Treatment.Refuse : Treatment.Normal;
        server.Break();
        (await opening).ProfileOrThrow().IsActive.ShouldBeTrue();
        server.Requests.Where(request => request.OpenSession is not null).Select(request => request.Request).ShouldBe([1UL, 1, 4]);
    });

    [Fact]
    public void An_opening_that_steals_and_was_forgotten_is_not_asked_for_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Refusal = new Error { Code = ErrorCodes.RequestForgotten } };
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.OpenSession is null ? Treatment.Normal : Treatment.Refuse;
        var opening = client.Store("profile").OpenSessionAsync("bob", new SessionOptions { Conflict = SessionConflict.Steal });
        (await Expect.FailureAsync(opening)).Code.ShouldBe(ErrorCodes.RequestForgotten);
        server.Requests.Count.ShouldBe(1);
    });

    [Fact]
    public void An_opening_that_waits_does_not_hold_back_what_is_reported_as_received() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = message => message.OpenSession is null ? Treatment.Normal : Treatment.Ignore;
        var opening = client.Store("profile").OpenSessionAsync("bob");
        await Pay(client, 1);
        await Pay(client, 1);
        await Pay(client, 1);
        server.Frames[^1].ReceivedThrough.ShouldBe(3UL);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await opening;
    });

    [Fact]
    public void No_more_requests_are_unanswered_than_the_window_allows() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Window = 4 };
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.Ignore;
        var paying = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Pay(client, 1)));
        await server.Next(message => message.Request == 4);
        await simulation.Delay(1);
        server.Requests.Count.ShouldBe(4);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await paying;
        server.Entity("ada")["gold"].ShouldBe(10);
    });

    [Fact]
    public void A_request_that_takes_too_long_fails_as_unknown_and_still_leaves_no_gap() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.Ignore;
        var error = await Expect.FailureAsync(Pay(client, 1));
        (error.Code, error.Outcome, error.IsTransient).ShouldBe((ClientErrorCodes.Timeout, RequestOutcome.Unknown, true));
        simulation.Time.Elapsed.ShouldBe(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(0.1));
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await Pay(client, 1);
        server.Units.Select(unit => unit.Request).ShouldBe([1UL, 1, 2]);
    });

    [Fact]
    public void A_request_that_was_never_sent_is_taken_back_without_a_trace() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.IsDown = true;
        server.Break();
        await simulation.Delay(1);
        var error = await Expect.FailureAsync(Pay(client, 1));
        (error.Code, error.Outcome).ShouldBe((ClientErrorCodes.Timeout, RequestOutcome.NotApplied));
        using var cancel = new CancellationTokenSource();
        var canceled = client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", 1)), "", cancel.Token);
        cancel.Cancel();
        await Expect.ExceptionAsync<OperationCanceledException>(canceled);
        server.IsDown = false;
        await Pay(client, 5);
        server.Units.Select(unit => unit.Request).ShouldBe([1UL]);
        server.Entity("ada")["gold"].ShouldBe(5);
    });

    [Fact]
    public void After_more_than_nine_minutes_without_a_connection_a_new_writer_starts() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { RequestTimeout = TimeSpan.FromHours(1) });
        server.Treat = _ => Treatment.LoseAnswer;
        var lost = Pay(client, 1);
        await server.NextUnit();
        server.IsDown = true;
        server.Break();
        await simulation.Delay(9.2 * 60);
        server.IsDown = false;
        server.Treat = _ => Treatment.Normal;
        var error = await Expect.FailureAsync(lost);
        (error.Code, error.Outcome).ShouldBe((ErrorCodes.WriterExpired, RequestOutcome.Unknown));
        server.Hellos[^1].Writer.IsEmpty.ShouldBeTrue();
        await Pay(client, 1);
        server.Units.Last().Request.ShouldBe(1UL);
    });

    [Fact]
    public void A_writer_that_the_server_calls_expired_is_given_up_and_reads_are_asked_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 7));
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.Ignore;
        var lost = Pay(client, 1);
        var viewing = client.Store("profile").ViewAsync("ada");
        await server.Next(message => message.Request == 2);
        server.Treat = _ => Treatment.Normal;
        server.HelloRefusal = new Error { Code = ErrorCodes.WriterExpired };
        server.Break();
        (await Expect.FailureAsync(lost)).Outcome.ShouldBe(RequestOutcome.Unknown);
        var view = await viewing;
        view.ShouldNotBeNull()["gold"].ShouldBe(7);
        server.Requests[^1].Request.ShouldBe(1UL);
    });

    [Fact]
    public void The_age_of_the_oldest_unanswered_change_is_told_when_connecting_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.Ignore;
        var paying = Pay(client, 1);
        await server.NextUnit();
        await simulation.Delay(5);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        await paying;
        server.Hellos[1].IdleMs.ShouldBeInRange(5000UL, 5500UL);
    });

    [Fact]
    public void A_server_that_falls_silent_is_asked_for_a_word_and_then_given_up() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        await simulation.Delay(60);
        server.Hellos.Count.ShouldBe(1);
        server.Frames.Count(frame => frame.Messages.Any(message => message.BodyCase == ClientMessage.BodyOneofCase.Ping)).ShouldBeInRange(4, 6);
        server.AnswersPings = false;
        var lost = Expect.Event<ConnectionChange>(handler => client.ConnectionChanged += handler);
        (await lost).IsConnected.ShouldBeFalse();
        await simulation.Delay(1);
        server.Hellos.Count.ShouldBe(2);
    });

    [Fact]
    public void A_writer_that_the_server_does_not_know_as_its_own_any_more_is_given_up() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.HelloRefusal = new Error { Code = ErrorCodes.Forbidden };
        server.Break();
        await Pay(client, 1);
        server.Hellos.Select(hello => hello.Writer.IsEmpty).ShouldBe([true, false, true]);
    });

    [Fact]
    public void Attempts_to_connect_again_are_spread_and_bounded() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        var attempts = new List<TimeSpan>();
        await using var client = await server.ConnectClientAsync(options => options with
        {
            Connect = cancellation =>
            {
                attempts.Add(simulation.Time.Elapsed);
                return server.ConnectAsync(cancellation);
            },
        });
        server.IsDown = true;
        server.Break();
        await simulation.Delay(60);
        client.IsCritical.ShouldBeTrue();
        server.IsDown = false;
        await Pay(client, 1);
        client.IsCritical.ShouldBeFalse();
        var waits = attempts.Skip(1).Zip(attempts.Skip(2), (one, next) => (next - one).TotalSeconds).ToArray();
        waits[0].ShouldBeInRange(0.2, 0.4);
        waits[^1].ShouldBeInRange(2.5, 5);
        waits.Distinct().Count().ShouldBe(waits.Length);
    });

    [Fact]
    public void Connecting_fails_with_the_servers_reason() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { HelloRefusal = new Error { Code = ErrorCodes.Unauthenticated, Message = "Wrong secret." } };
        var error = await Expect.FailureAsync(server.ConnectClientAsync());
        (error.Code, error.IsTransient).ShouldBe((ErrorCodes.Unauthenticated, false));
    });

    [Fact]
    public void Connecting_to_a_server_that_does_not_answer_ends_in_time() => Simulation.Run(async simulation =>
    {
        var never = new TaskCompletionSource<Protocol.Duplex.IFrameDuplex>();
        var error = await Expect.FailureAsync(
            new FakeServer(simulation).ConnectClientAsync(options => options with { Connect = _ => never.Task }));
        (error.Code, error.IsTransient).ShouldBe((ClientErrorCodes.ConnectFailed, true));
        simulation.Time.Elapsed.ShouldBe(TimeSpan.FromSeconds(10));
    });

    [Fact]
    public void Wrong_options_are_all_named_at_once() => Simulation.Run(async simulation =>
    {
        var options = new SavepointClientOptions { Window = 0, AutosaveInterval = TimeSpan.Zero };
        var error = await Expect.ExceptionAsync<ArgumentException>(SavepointClient.ConnectAsync(options));
        foreach (var name in new[] { "Endpoint", "Credentials", "Window", "AutosaveInterval" })
            error.Message.ShouldContain(name);
        _ = simulation;
    });

    [Fact]
    public void A_transaction_is_refused_as_a_whole_and_says_which_change_it_was() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("gold", 3));
        await using var client = await server.ConnectClientAsync();
        var error = await Expect.FailureAsync(client.TransactAsync(t => t
            .Change("profile", "bob", d => d.Increment("gold", 5))
            .Change("profile", "ada", d => d.Increment("gold", -5, min: 0))));
        (error.Code, error.ChangeIndex, error.Id, error.Path).ShouldBe(("document.out_of_bounds", 1, "ada", "gold"));
        server.Entity("bob")["gold"].IsNone.ShouldBeTrue();
        var conflict = await Expect.FailureAsync(
            client.TransactAsync(t => t.Change("profile", "ada", d => d.Set("gold", 1), expectedVersion: 9)));
        (conflict.Code, conflict.ExpectedVersion, conflict.CurrentVersion).ShouldBe((ErrorCodes.VersionMismatch, 9L, 1L));
    });

    [Fact]
    public void More_waiting_requests_than_allowed_are_refused_at_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync(options => options with { MaxQueuedRequests = 2 });
        server.IsDown = true;
        server.Break();
        await simulation.Delay(1);
        var first = Pay(client, 1);
        var second = Pay(client, 1);
        var error = await Expect.FailureAsync(Pay(client, 1));
        (error.Code, error.IsTransient, error.Outcome).ShouldBe((ClientErrorCodes.QueueFull, true, RequestOutcome.NotApplied));
        server.IsDown = false;
        await Task.WhenAll(first, second);
    });

    private static Task<IReadOnlyList<long>> Pay(SavepointClient client, long amount) =>
        client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", amount)));
}
