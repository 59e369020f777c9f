using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>P2: two game servers that don't agree on what a profile is are told so.</summary>
public sealed class TemplateTests
{
    private const string Gold10 = """{"currency":{"gems":0,"gold":10},"level":1}""";
    private const string Gold20 = """{"currency":{"gems":0,"gold":20},"level":1}""";

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Another_game_server_with_another_template_of_the_same_version_is_refused_and_told_whose_and_where(uint version)
    {
        await using var server = await TestServer.StartAsync();
        await (await server.ConnectAsync()).OpenAsync("alice", With(Gold10, version));
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var error = (await second.AskAsync(Requests.Open("bob", With(Gold20, version)))).Error;
        (error.Code, error.Transient, error.Kind, error.Id, error.Holder, error.Path).ShouldBe((ErrorCodes.TemplateMismatch, false, Requests.Kind, "bob", "eu-1", "currency.gold"));
        error.Message.ShouldContain("'eu-1'");
        error.Message.ShouldContain("'currency.gold'");
        (await second.AskAsync(Requests.Get("bob"))).Snapshot.Version.ShouldBe(0UL);
    }

    [Fact]
    public async Task The_same_template_another_version_another_kind_and_no_template_are_all_fine()
    {
        await using var server = await TestServer.StartAsync();
        await (await server.ConnectAsync()).OpenAsync("alice", With(Gold10, 1));
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await second.OpenAsync("b1", With(Gold10, 1));
        await second.OpenAsync("b2", With(Gold20, 2));
        await second.OpenAsync("b3", With(Gold20, 0));
        await second.OpenAsync("b4:x", open =>
        {
            With(Gold20, 1)(open);
            open.Kind = "character";
        });
        await second.OpenAsync("b5", open => open.TemplateVersion = 1);
        await second.OpenAsync("b6", With("{}", 1));
    }

    [Fact]
    public async Task What_a_game_server_has_declared_is_forgotten_with_its_last_connection()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync();
        var again = await server.ConnectAsync();
        await first.OpenAsync("alice", With(Gold10, 1));
        await again.OpenAsync("anna", With(Gold10, 1));
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await first.DisposeAsync();
        (await second.AskAsync(Requests.Open("bob", With(Gold20, 1)))).Error.Code.ShouldBe(ErrorCodes.TemplateMismatch);
        await again.DisposeAsync();
        await second.OpenAsync("bob", With(Gold20, 1));
    }

    [Fact]
    public async Task A_new_build_of_the_same_game_server_takes_the_place_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        await (await server.ConnectAsync()).OpenAsync("alice", With(Gold10, 1));
        await (await server.ConnectAsync()).OpenAsync("anna", With(Gold20, 1));
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        (await second.AskAsync(Requests.Open("bob", With(Gold10, 1)))).Error.Code.ShouldBe(ErrorCodes.TemplateMismatch);
        await second.OpenAsync("bob", With(Gold20, 1));
    }

    [Fact]
    public async Task A_session_that_goes_on_is_not_refused()
    {
        await using var server = await TestServer.StartAsync();
        var first = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        var opened = await first.OpenAsync("alice", With(Gold20, 1));
        var welcome = first.Welcome;
        await first.DisposeAsync();
        await (await server.ConnectAsync()).OpenAsync("anna", With(Gold10, 1));
        var hello = TestClient.AsGameServer("eu-2");
        hello.Writer = welcome.Writer;
        var back = await server.ConnectAsync(hello);
        (await back.OpenAsync("alice", open =>
        {
            With(Gold20, 1)(open);
            open.Resume = opened.Session;
        })).Resumed.ShouldBeTrue();
    }

    [Fact]
    public async Task Of_a_template_too_large_to_be_kept_the_path_is_not_told()
    {
        var padding = new string('x', 70_000);
        await using var server = await TestServer.StartAsync();
        await (await server.ConnectAsync()).OpenAsync("alice", With($$"""{"a":"{{padding}}"}""", 1));
        var second = await server.ConnectAsync(TestClient.AsGameServer("eu-2"));
        await second.OpenAsync("b1", With($$"""{"a":"{{padding}}"}""", 1));
        var error = (await second.AskAsync(Requests.Open("b2", With($$"""{"a":"y{{padding}}"}""", 1)))).Error;
        (error.Code, error.Path).ShouldBe((ErrorCodes.TemplateMismatch, ""));
    }

    private static Action<OpenSession> With(string template, uint version) => open =>
    {
        open.Template = ByteString.CopyFrom(DocumentJson.Parse(template).ToBytes());
        open.TemplateVersion = version;
    };
}
