using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class SessionTests
{
    [Fact]
    public async Task Who_holds_a_session_is_said()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server, ProfileApi.SupportSecret);
        (await api.GetAsync("profiles/alice/session")).Text.ShouldBe("""{"kind":"profile","id":"alice","session":null}""");
        await using var gameServer = await server.ConnectAsync(TestClient.AsGameServer());
        var opened = await gameServer.OpenAsync("alice");
        var session = (await api.GetAsync("profiles/alice/session")).ShouldBeOk().Body["session"]!;
        (session["holder"]!.GetValue<string>(), session["number"]!.GetValue<ulong>()).ShouldBe(("eu-1", opened.Session));
        (DateTimeOffset.UtcNow - session["since"]!.GetValue<DateTimeOffset>()).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        await gameServer.AskAsync(Requests.End("alice", opened.Session));
        (await api.GetAsync("profiles/alice/session")).Body["session"].ShouldBeNull();
    }

    [Fact]
    public async Task An_admin_ends_a_session_and_its_holder_learns_at_once()
    {
        await using var server = await ProfileApi.StartAsync();
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        await using var holder = await server.ConnectAsync(TestClient.AsGameServer());
        var opened = await holder.OpenAsync("alice");
        (await admin.DeleteAsync("profiles/alice/session")).ShouldBeOk().Text.ShouldBe("""{"kind":"profile","id":"alice","ended":true}""");
        var ended = (await holder.NextAsync(message => message.SessionEnded is not null)).SessionEnded;
        (ended.Reason, ended.Holder).ShouldBe((SessionEnded.Types.Reason.Stolen, "admin:root"));
        (await holder.RefusedAsync(Requests.Unit(Requests.Set("alice", "gold", 1, with => with.Session = opened.Session)))).Code.ShouldBe(ErrorCodes.SessionLost);
        (await admin.GetAsync("profiles/alice/session")).Body["session"].ShouldBeNull();
        await using var next = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        (await next.OpenAsync("alice")).Session.ShouldBeGreaterThan(opened.Session);
    }

    [Fact]
    public async Task Whoever_waits_gets_the_session_that_an_admin_has_ended()
    {
        await using var server = await ProfileApi.StartAsync();
        await using var holder = await server.ConnectAsync(TestClient.AsGameServer());
        await holder.OpenAsync("alice");
        await using var waiter = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var waiting = await waiter.RequestAsync(Requests.Open("alice"));
        await holder.NextAsync(message => message.SessionRequested is not null);
        (await ProfileApi.Of(server, ProfileApi.AdminSecret).DeleteAsync("profiles/alice/session")).ShouldBeOk();
        (await waiter.AnswerAsync(waiting)).SessionOpened.Result.ShouldBe(SessionOpened.Types.Result.Acquired);
    }

    [Fact]
    public async Task Where_nobody_holds_a_session_nothing_is_ended_nor_made()
    {
        await using var server = await ProfileApi.StartAsync();
        var admin = ProfileApi.Of(server, ProfileApi.AdminSecret);
        (await admin.DeleteAsync("profiles/alice/session")).ShouldBeOk().Body["ended"]!.GetValue<bool>().ShouldBeFalse();
        (await admin.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
        await admin.CreateAsync("alice", "{}");
        (await admin.DeleteAsync("profiles/alice/session")).Body["ended"]!.GetValue<bool>().ShouldBeFalse();
        (await admin.GetAsync("profiles/alice")).Version.ShouldBe(1);
    }

    [Theory]
    [InlineData(ProfileApi.ShopSecret)]
    [InlineData(ProfileApi.SupportSecret)]
    [InlineData(TestClient.Secret)]
    public async Task Only_admins_end_sessions(string secret)
    {
        await using var server = await ProfileApi.StartAsync();
        await using var holder = await server.ConnectAsync(TestClient.AsGameServer());
        await holder.OpenAsync("alice");
        (await ProfileApi.Of(server, secret).DeleteAsync("profiles/alice/session")).ShouldBeProblem(403, "auth.forbidden");
        (await ProfileApi.Of(server).GetAsync("profiles/alice/session")).Body["session"].ShouldNotBeNull();
    }
}
