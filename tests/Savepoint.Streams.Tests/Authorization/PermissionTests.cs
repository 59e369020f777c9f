using System.Text;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using WireMutation = Savepoint.Protocol.Messages.Mutation;

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
                2 => Requests.Set("alice", "stats.rating", i),
                1 => Requests.Set("alice", "stats.wins", i),
                _ => Requests.Set("alice", $"x{i}", i),
            });
            follower.Take(await player.NextAsync(message => message.Change?.Version == (ulong)i));
        }

        follower.Number("stats.wins").ShouldBe(37);
        player.Received.Count(message => message.Change is { HasChecksum: true }).ShouldBe(2);
        follower.Snapshots.ShouldBe(0);
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
        Delta.Apply(document, (await player.NextAsync(message => message.Change?.Version == 2)).Change.Delta.Span);
        DocumentJson.ToText(document).ShouldBe("""{"stats":{"wins":1}}""");

        // Whether the third makes the map around the rating the server can't tell without the visible part, which comes with a snapshot.
        var snapshot = (await player.NextAsync(message => message.Snapshot is not null)).Snapshot;
        DocumentJson.ToText(Document.Decode(snapshot.Document.Span)).ShouldBe("""{"stats":{"wins":1},"xp":4}""");
        snapshot.Version.ShouldBe(4UL);
        await gameServer.CommitAsync(Requests.Set("alice", "stats.rating", 5));
        (await player.NextAsync(message => message.Change?.Version == 5)).Change.Delta.ToByteArray().ShouldBe(new DeltaWriter().ToArray());
        Mentions(player, "secret").ShouldBeFalse();
        Mentions(player, "rating").ShouldBeFalse();
    }

    [Fact]
    public async Task The_first_hidden_value_of_a_map_does_not_tell_its_key_nor_its_reason()
    {
        var kind = new Kind { Name = Requests.Kind, Access = new KindAccess { Paths = [new PathRule("moderation") { Readers = AccessRoles.Backend }, new PathRule("moderation.points")] } };
        await using var server = await TestServer.StartAsync(kinds: kind);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "xp", 1));
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await player.AskAsync(Requests.Watch("alice"));
        await ChangeAsync("moderation.reported-by-bob", "told by bob");
        var change = (await player.NextAsync(message => message.Change is not null)).Change;
        Told(change).ShouldBe(["Set moderation"]);
        await ChangeAsync("moderation.points", "too late");
        (await player.NextAsync(message => message.Change is not null)).Change.Reason.ShouldBe("too late");
        Mentions(player, "bob").ShouldBeFalse();

        async Task ChangeAsync(string path, string reason)
        {
            var unit = Requests.Unit(Requests.Set("alice", path, 1));
            unit.Unit.Reason = reason;
            (await gameServer.AskAsync(unit)).UnitCommitted.ShouldNotBeNull();
        }
    }

    /// <summary>Clients keep what has no version apart, and compare checksums with what has one.</summary>
    [Fact]
    public async Task A_checksum_of_a_part_is_of_what_has_a_version()
    {
        var kind = new Kind
        {
            Name = Requests.Kind,
            Durability = new Dictionary<string, PropertyDurability>(StringComparer.Ordinal) { ["pos"] = PropertyDurability.Transient },
            Access = new KindAccess { Paths = [new PathRule("secret") { Readers = AccessRoles.Backend }, new PathRule("pos.aim") { Readers = AccessRoles.Backend }] },
        };
        await using var server = await TestServer.StartAsync(kinds: kind);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "xp", 1));
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var confirmed = Document.Decode((await player.AskAsync(Requests.Watch("alice"))).Snapshot.Document.Span);
        await gameServer.CommitAsync(Requests.Set("alice", "pos.aim", 7));
        await gameServer.CommitAsync(Requests.Set("alice", "pos.x", 7));
        Told((await player.NextAsync(message => message.Change?.Version == 0)).Change).ShouldBeEmpty();
        Told((await player.NextAsync(message => message.Change?.Version == 0)).Change).ShouldBe(["Set pos.x"]);
        var checksums = 0;
        for (var version = 2UL; version <= 16; version++)
        {
            await gameServer.CommitAsync(Requests.Set("alice", "xp", (long)version));
            var change = (await player.NextAsync(message => message.Change?.Version == version)).Change;
            Delta.Apply(confirmed, change.Delta.Span);
            if (!change.HasChecksum)
                continue;
            change.Checksum.ShouldBe(confirmed.Checksum());
            checksums++;
        }

        checksums.ShouldBe(1);
    }

    [Fact]
    public async Task Who_writes_what_it_may_not_see_has_more_than_the_visible_part_and_gets_no_checksums()
    {
        var kind = new Kind { Name = Requests.Kind, Access = new KindAccess { Paths = [new PathRule("vote") { Readers = AccessRoles.Backend, Writers = AccessRoles.All }, new PathRule("seen") { Writers = AccessRoles.All }] } };
        await using var server = await TestServer.StartAsync(kinds: kind);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(Requests.Set("alice", "xp", 1));
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await player.AskAsync(Requests.Watch("alice"));
        await player.CommitAsync(Requests.Set("alice", "seen", 1));
        for (var version = 3; version <= 17; version++)
            await gameServer.CommitAsync(Requests.Set("alice", "xp", version));
        await player.CommitAsync(Requests.Set("alice", "vote", 1));
        for (var version = 19; version <= 33; version++)
            await gameServer.CommitAsync(Requests.Set("alice", "xp", version));
        await player.NextAsync(message => message.Change?.Version == 33);
        player.Received.Where(message => message.Change is { HasChecksum: true }).Select(message => message.Change.Version).ShouldBe([16UL]);
    }

    [Fact]
    public async Task A_player_without_any_right_to_write_makes_no_entity_and_no_version()
    {
        await using var server = await TestServer.StartAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        var nothing = new WireMutation { Kind = Requests.Kind, Id = "alice", Delta = ByteString.CopyFrom(new DeltaWriter().ToArray()) };
        (await player.RefusedAsync(Requests.Unit(nothing))).Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.AskAsync(Requests.Batch(nothing))).BatchResult.Parts[0].Error.Code.ShouldBe(ErrorCodes.Forbidden);
        (await player.AskAsync(Requests.Get("alice"))).Snapshot.Version.ShouldBe(0UL);
        var gameServer = await server.ConnectAsync();
        await gameServer.CommitAsync(nothing);
    }

    [Fact]
    public async Task A_fault_inside_the_server_is_described_to_those_who_run_it_and_not_to_players()
    {
        var kind = new Kind
        {
            Name = Requests.Kind,
            Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { ["fall"] = static _ => throw new NotSupportedException() },
            Access = new KindAccess { Intents = new Dictionary<string, IntentRule>(StringComparer.Ordinal) { ["fall"] = new() { Roles = AccessRoles.All } } },
        };
        await using var server = await TestServer.StartAsync(kinds: kind);
        var gameServer = await server.ConnectAsync();
        var player = await server.ConnectAsync(TestClient.AsPlayer("alice"));
        await gameServer.CommitAsync(Requests.Set("alice", "xp", 1));
        var fall = new WireMutation { Kind = Requests.Kind, Id = "alice", Intent = new Intent { Name = "fall", Arguments = ByteString.CopyFrom(new Document().ToBytes()) } };
        var told = await gameServer.RefusedAsync(Requests.Unit(fall));
        (told.Code, told.Message.Contains(nameof(NotSupportedException), StringComparison.Ordinal)).ShouldBe((ErrorCodes.Internal, true));
        (await player.RefusedAsync(Requests.Unit(fall))).Message.ShouldBe("The server has a fault.");
        (await player.AskAsync(Requests.Batch(fall))).BatchResult.Parts[0].Error.Message.ShouldBe("The server has a fault.");
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

    private static List<string> Told(Change change)
    {
        var told = new List<string>();
        foreach (var operation in new DeltaReader(change.Delta.Span))
            told.Add($"{operation.Kind} {operation.Path.ToPath()}");
        return told;
    }

    private static bool Mentions(TestClient client, string text) => client.Received.Any(message => Encoding.Latin1.GetString(message.ToByteArray()).Contains(text, StringComparison.Ordinal));
}
