using System.Text;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests.Authorization;

/// <summary>Permissions as clients of the stream meet them.</summary>
public sealed class PermissionTests
{
    private static readonly Kind Profile = new()
    {
        Name = Requests.Kind,
        Access = new KindAccess
        {
            Paths =
            [
                new PathRule("currency") { WriteLevel = 5 },
                new PathRule("secret") { Readers = AccessRoles.Backend },
                new PathRule("stats.rating") { Readers = AccessRoles.Backend },
                new PathRule("settings") { Writers = AccessRoles.Backend | AccessRoles.Player },
            ],
        },
    };

    [Fact]
    public async Task A_path_that_takes_a_level_is_written_with_it_only_and_the_refusal_names_it()
    {
        await using var server = await TestServer.StartAsync(kinds: Profile);
        var anyone = await server.ConnectAsync();
        var trusted = await server.ConnectAsync(new Hello { GameServer = new GameServerCredentials { Name = "eu-2", Secret = TestServer.TrustedSecret } });
        await trusted.CommitAsync(Requests.Add("alice", "currency.gold", 5));
        var error = await anyone.RefusedAsync(Requests.Unit(Requests.Set("alice", "xp", 1), Requests.Add("bob", "currency.gold", 5)));
        (error.Code, error.Path, error.Mutation, error.Id).ShouldBe((ErrorCodes.Forbidden, "currency.gold", 1U, "bob"));
        (await anyone.RefusedAsync(Requests.Unit(Requests.Remove("alice")))).Path.ShouldBe("currency");
        await anyone.CommitAsync(Requests.Set("alice", "xp", 1));
        Requests.Number((await anyone.AskAsync(Requests.Get("alice"))).Snapshot.Document, "currency.gold").ShouldBe(5);
    }

    [Fact]
    public async Task A_service_changes_profiles_and_holds_no_session()
    {
        await using var server = await TestServer.StartAsync(kinds: Profile);
        var shop = await server.ConnectAsync(new Hello { GameServer = new GameServerCredentials { Secret = TestServer.ShopSecret } });
        await shop.CommitAsync(Requests.Set("alice", "xp", 1));
        (await shop.RefusedAsync(Requests.Open("alice"))).Code.ShouldBe(ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task A_player_writes_what_is_open_to_it()
    {
        await using var server = await TestServer.StartAsync(kinds: Profile);
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await player.CommitAsync(Requests.Set("alice", "settings.volume", 7));
        (await player.RefusedAsync(Requests.Unit(Requests.Set("alice", "xp", 7)))).Path.ShouldBe("xp");
        (await player.RefusedAsync(Requests.Unit(Requests.Set("bob", "settings.volume", 7)))).Code.ShouldBe(ErrorCodes.Forbidden);
    }

    [Fact]
    public async Task What_is_hidden_reaches_a_player_neither_in_documents_nor_in_changes()
    {
        await using var server = await TestServer.StartAsync(kinds: Profile);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "secret.n", 1));
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var watch = await player.RequestAsync(Requests.Watch("alice"));
        var follower = new Follower(watch);
        follower.Take(await player.AnswerAsync(watch));

        // Every sixteenth version brings a checksum, which the follower compares with what it has.
        for (var i = 2; i <= 40; i++)
        {
            await gameServer.CommitAsync((i % 4) switch
            {
                0 => Requests.Set("alice", "secret.n", i),
                1 => Requests.Set("alice", "stats.rating", i),
                2 => Requests.Set("alice", "stats.wins", i),
                _ => Requests.Set("alice", $"x{i}", i),
            });
            follower.Take(await player.NextAsync(message => message.Change?.Version == (ulong)i));
        }

        follower.Number("stats.wins").ShouldBe(38);
        player.Received.Count(message => message.Change is { HasChecksum: true }).ShouldBe(2);
        Mentions(player, "secret").ShouldBeFalse();
        Mentions(player, "rating").ShouldBeFalse();

        var document = Document.Decode((await player.AskAsync(Requests.Get("alice"))).Snapshot.Document.Span);
        document.Root.ContainsKey("secret").ShouldBeFalse();
        document.TryGet("stats.rating", out _).ShouldBeFalse();
        follower.Version.ShouldBe(40UL);
    }

    [Fact]
    public async Task A_watch_that_resumes_goes_on_with_the_visible_part()
    {
        await using var server = await TestServer.StartAsync(kinds: Profile);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "stats.wins", 1));
        var keeper = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await keeper.AskAsync(Requests.Watch("alice"));
        await gameServer.CommitAsync(Requests.Set("alice", "secret.n", 2));
        await gameServer.CommitAsync(Requests.Set("alice", "stats.rating", 3));
        await gameServer.CommitAsync(Requests.Set("alice", "xp", 4));

        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        (await player.AskAsync(Requests.Watch("alice", fromVersion: 1))).WatchResumed.Version.ShouldBe(1UL);
        var document = new Document(new MapBuilder { ["stats"] = new MapBuilder { ["wins"] = 1 } }.Build());
        foreach (var version in new[] { 2UL, 3UL, 4UL })
            Delta.Apply(document, (await player.NextAsync(message => message.Change?.Version == version)).Change.Delta.Span);
        DocumentJson.ToText(document).ShouldBe("""{"stats":{"wins":1},"xp":4}""");
        Mentions(player, "secret").ShouldBeFalse();
    }

    [Fact]
    public async Task A_session_of_a_game_server_that_sees_a_part_begins_with_that_part()
    {
        var kind = new Kind { Name = Requests.Kind, Access = new KindAccess { Paths = [new PathRule("secret") { ReadLevel = 5 }] } };
        await using var server = await TestServer.StartAsync(kinds: kind);
        var trusted = await server.ConnectAsync(new Hello { GameServer = new GameServerCredentials { Name = "eu-2", Secret = TestServer.TrustedSecret } });
        await trusted.CommitAsync(Requests.Set("alice", "secret", 1));
        await trusted.CommitAsync(Requests.Set("alice", "xp", 1));
        var anyone = await server.ConnectAsync();
        var opened = await anyone.OpenAsync("alice");
        DocumentJson.ToText(Document.Decode(opened.Document.Span)).ShouldBe("""{"xp":1}""");
        await trusted.CommitAsync(Requests.Add("alice", "secret", 1));
        Delta.Validate((await anyone.NextAsync(message => message.Change is not null)).Change.Delta.Span, DocumentLimits.Default).ShouldBe(DocumentError.None);
        Mentions(anyone, "secret").ShouldBeFalse();
    }

    private static bool Mentions(TestClient client, string text) => client.Received.Any(message => Encoding.Latin1.GetString(message.ToByteArray()).Contains(text, StringComparison.Ordinal));
}
