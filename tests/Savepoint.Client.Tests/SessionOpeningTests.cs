using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>How a session begins, or does not.</summary>
public sealed class SessionOpeningTests
{
    [Fact]
    public void A_new_profile_starts_from_the_defaults_of_its_class() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        (profile.IsNew, profile.Version, profile.SessionNumber).ShouldBe((true, 1L, 1L));
        (profile.Data.Name, profile.Data.Health, profile.Data.Stats.Kills).ShouldBe(("Nobody", 100, 0L));
        server.Entity("ada")["stats.kills"].ShouldBe(0);
    });

    [Fact]
    public void The_template_and_its_version_go_with_the_opening() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        (await client.Store<CountedProfile>("profile").OpenSessionAsync("ada")).ProfileOrThrow();
        (await client.Store("profile", new Template(new Document()), templateVersion: 9).OpenSessionAsync("bob")).ProfileOrThrow();
        (await client.OpenAsync("eve")).IsNew.ShouldBeTrue();
        var opened = server.Requests.Where(message => message.BodyCase == ClientMessage.BodyOneofCase.OpenSession).Select(message => message.OpenSession).ToArray();
        opened.Select(open => (open.Id, open.TemplateVersion)).ShouldBe([("ada", 7u), ("bob", 9u), ("eve", 0u)]);
        DocumentJson.ToText(Document.Decode(opened[0].Template.Span)).ShouldBe("""{"gold":0}""");
        Should.Throw<ArgumentOutOfRangeException>(() => client.Store("profile", templateVersion: -1));
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
    public void Reconcile_fills_in_what_is_missing_and_overwrites_nothing() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        server.Put("ada", ("name", "Ada"), ("stats.kills", 9), ("old", true));
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.Health.ShouldBe(100);
        profile["health"].IsNone.ShouldBeTrue();
        profile.Reconcile();
        await profile.SaveAsync();
        var entity = server.Entity("ada");
        (entity["name"], entity["health"], entity["stats.kills"], entity["old"]).ShouldBe(("Ada", 100, 9, true));
        profile.Reconcile();
        profile.HasUnsavedChanges.ShouldBeFalse();
    });
}
