using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Engine.Users;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Tests.Authorization;

/// <summary>A kind whose currency takes level 5, whose settings are the player's, and whose secrets players do not see.</summary>
public sealed class KindAuthorizerTests
{
    private static readonly KindRegistry Kinds = new(
    [
        new Kind
        {
            Name = "profile",
            Access = new KindAccess
            {
                Paths =
                [
                    new PathRule("currency") { WriteLevel = 5 },
                    new PathRule("deep.currency.gold") { WriteLevel = 5 },
                    new PathRule("settings") { Writers = AccessRoles.Backend | AccessRoles.Player },
                    new PathRule("settings.region") { Writers = AccessRoles.Service },
                    new PathRule("secret") { Readers = AccessRoles.Backend },
                    new PathRule("vault") { ReadLevel = 3 },
                ],
                Intents = new Dictionary<string, IntentRule>(StringComparer.Ordinal)
                {
                    ["rename"] = new() { Roles = AccessRoles.All },
                    ["mint"] = new() { Level = 5 },
                },
            },
        },
        new Kind { Name = "locked", Access = new KindAccess { Paths = [new PathRule(Path.Root) { Readers = AccessRoles.None, Writers = AccessRoles.None }], Senders = AccessRoles.Service, Holders = AccessRoles.None } },
        new Kind { Name = "made", Template = new Template(DocumentJson.Parse("""{"currency":{"gold":10}}""")), Access = new KindAccess { Paths = [new PathRule("currency") { WriteLevel = 5 }] } },
        new Kind { Name = "sp-other", IsOwnedBySavepoint = true },
        new Kind { Name = "sp-secret", IsOwnedBySavepoint = true, IsSecret = true },
    ]);

    private static readonly KindAuthorizer Authorizer = new(Kinds);

    private static readonly Dictionary<string, Principal> Principals = new(StringComparer.Ordinal)
    {
        ["server"] = Principal.GameServer("eu-1"),
        ["server5"] = Principal.GameServer("eu-1", 5),
        ["service"] = Principal.Service("shop"),
        ["service5"] = Principal.Service("shop", 5),
        ["support"] = Principal.Support("kim", 9),
        ["admin"] = Principal.Admin("root"),
        ["alice"] = Principal.Player("alice"),
        ["bob"] = Principal.Player("bob"),
    };

    [Theory]
    [InlineData("server", "set xp", null)]
    [InlineData("server", "set currency.gold", "currency.gold")]
    [InlineData("server", "increment currency.gold", "currency.gold")]
    [InlineData("server", "remove currency.gold.bars", "currency.gold.bars")]
    [InlineData("server", "set currency", "currency")]
    [InlineData("server", "insert currency[0]", "currency[0]")]
    [InlineData("server", "set currencyX", null)]
    [InlineData("server", "set items[0].currency", null)]
    [InlineData("server", "clear ", "currency")]
    [InlineData("server", "set deep.x", null)]
    [InlineData("server", "set deep", "deep.currency.gold")]
    [InlineData("server", "remove deep.currency", "deep.currency.gold")]
    [InlineData("server", "clear deep", "deep.currency.gold")]
    [InlineData("server", "set deep.currency.silver", null)]
    [InlineData("server5", "set currency.gold", null)]
    [InlineData("server5", "remove deep", null)]
    [InlineData("server5", "set settings", "settings.region")]
    [InlineData("service5", "clear ", null)]
    [InlineData("service", "increment currency.gold", "currency.gold")]
    [InlineData("admin", "clear ", null)]
    [InlineData("alice", "set settings.volume", null)]
    [InlineData("alice", "set settings.region", "settings.region")]
    [InlineData("alice", "set settings", "settings.region")]
    [InlineData("alice", "set xp", "xp")]
    [InlineData("alice", "clear ", "")]
    [InlineData("alice", "set secret.x", "secret.x")]
    public void A_change_is_allowed_by_the_rules_of_all_paths_that_it_concerns(string who, string operation, string? refused)
    {
        var denial = Submit(who, Change("alice", operation));
        denial?.Path.ShouldBe(refused);
        (denial is null).ShouldBe(refused is null);
    }

    [Theory]
    [InlineData("server5")]
    [InlineData("service5")]
    [InlineData("support")]
    [InlineData("admin")]
    [InlineData("alice")]
    public void What_is_secret_nobody_sees_or_changes(string who)
    {
        var (principal, key) = (Principals[who], new EntityKey("sp-secret", "alice"));
        var delta = new DeltaWriter();
        delta.Set("x", 1);
        Denial?[] denials =
        [
            Authorizer.Read(principal, key),
            Authorizer.ReadHistory(principal, key),
            Authorizer.OpenSession(principal, key, []),
            Authorizer.Submit(principal, new Mutation { Key = key, Payload = delta.ToArray() }),
            .. new[] { MutationKind.Remove, MutationKind.Restore, MutationKind.Message, MutationKind.EndSession }
                .Select(kind => Authorizer.Submit(principal, new Mutation { Key = key, Kind = kind })),
            .. new[] { "login", UserTags.Tag, UserTags.Untag }.Select(intent => Authorizer.Submit(principal, new Mutation { Key = key, Kind = MutationKind.Intent, Intent = intent })),
        ];
        denials.ShouldAllBe(denial => denial != null);
    }

    [Fact]
    public void One_refused_operation_refuses_the_delta()
    {
        var delta = new DeltaWriter();
        delta.Set("xp", 1);
        delta.Increment("currency.gold", 1);
        Submit("server", new Mutation { Key = new EntityKey("profile", "alice"), Payload = delta.ToArray() })!.Path.ShouldBe("currency.gold");
    }

    [Theory]
    [InlineData("server", "profile", true)]
    [InlineData("alice", "profile", true)]
    [InlineData("bob", "profile", false)]
    [InlineData("support", "profile", false)]
    [InlineData("server5", "locked", false)]
    [InlineData("alice", "locked", false)]
    [InlineData("admin", "locked", true)]
    [InlineData("alice", "made", false)]
    [InlineData("server", "made", true)]
    public void A_delta_that_changes_nothing_is_for_those_who_may_change_something(string who, string kind, bool isAllowed)
    {
        foreach (var payload in new[] { new DeltaWriter().ToArray(), [], [0xff] })
            (Submit(who, new Mutation { Key = new EntityKey(kind, "alice"), Payload = payload }) is null).ShouldBe(isAllowed);
    }

    [Fact]
    public void Who_may_hold_a_session_deals_with_messages_by_a_delta_that_changes_nothing()
    {
        var kinds = new KindRegistry([new Kind { Name = "profile", Access = new KindAccess { Paths = [new PathRule(Path.Root) { Writers = AccessRoles.None }] } }]);
        var mutation = new Mutation { Key = new EntityKey("profile", "alice"), Payload = new DeltaWriter().ToArray() };
        var authorizer = new KindAuthorizer(kinds);
        authorizer.Submit(Principals["server"], mutation).ShouldNotBeNull();
        authorizer.Submit(Principals["server"], mutation with { Session = 7 }).ShouldBeNull();
        authorizer.Submit(Principals["alice"], mutation with { Session = 7 }).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("bob", "a change", false)]
    [InlineData("support", "a change", false)]
    [InlineData("server", "remove", false)]
    [InlineData("server5", "remove", false)]
    [InlineData("service5", "remove", true)]
    [InlineData("admin", "remove", true)]
    [InlineData("alice", "remove", false)]
    [InlineData("server", "restore", false)]
    [InlineData("service5", "restore", true)]
    [InlineData("alice", "restore", false)]
    [InlineData("support", "restore", false)]
    [InlineData("server", "message", true)]
    [InlineData("service", "message", true)]
    [InlineData("support", "message", false)]
    [InlineData("alice", "message", false)]
    [InlineData("server", "rename", true)]
    [InlineData("alice", "rename", true)]
    [InlineData("bob", "rename", false)]
    [InlineData("support", "rename", false)]
    [InlineData("server", "mint", false)]
    [InlineData("server5", "mint", true)]
    [InlineData("alice", "mint", false)]
    [InlineData("service", "other intent", true)]
    [InlineData("alice", "other intent", false)]
    [InlineData("server", "end", true)]
    [InlineData("service", "end", false)]
    [InlineData("alice", "end", false)]
    [InlineData("admin", "end", true)]
    public void A_mutation_of_another_sort_is_allowed_by_role_and_level(string who, string what, bool isAllowed)
    {
        var mutation = new Mutation { Key = new EntityKey("profile", "alice") };
        (mutation.Kind, mutation.Intent) = what switch
        {
            "a change" => (MutationKind.Delta, null),
            "remove" => (MutationKind.Remove, null),
            "restore" => (MutationKind.Restore, null),
            "message" => (MutationKind.Message, null),
            "end" => (MutationKind.EndSession, null),
            _ => (MutationKind.Intent, (string?)what),
        };
        mutation.Payload = new DeltaWriter().ToArray();
        (Submit(who, mutation) is null).ShouldBe(isAllowed);
    }

    [Theory]
    [InlineData("server", true)]
    [InlineData("service5", false)]
    [InlineData("support", false)]
    [InlineData("alice", false)]
    [InlineData("admin", true)]
    public void Sessions_are_for_game_servers(string who, bool isAllowed) =>
        (Authorizer.OpenSession(Principals[who], new EntityKey("profile", "alice"), default) is null).ShouldBe(isAllowed);

    [Theory]
    [InlineData("""{"currency":{"gold":0,"list":[],"text":"","on":false}}""", null)]
    [InlineData("""{"xp":5}""", null)]
    [InlineData("""{"currency":{"gold":100}}""", "currency.gold")]
    [InlineData("""{"currency":7}""", "currency")]
    [InlineData("""{"deep":{"currency":{"gold":1}}}""", "deep.currency.gold")]
    public void A_template_of_a_game_servers_own_gives_nothing_that_it_may_not_write(string template, string? refused)
    {
        var bytes = DocumentJson.Parse(template).ToBytes();
        Authorizer.OpenSession(Principals["server"], new EntityKey("profile", "alice"), bytes)?.Path.ShouldBe(refused);
        var change = Change("alice", "set xp") with { Template = bytes };
        (Submit("server", change)?.Path).ShouldBe(refused);
        Submit("server5", change).ShouldBeNull();
        Authorizer.OpenSession(Principals["server"], new EntityKey("made", "alice"), bytes).ShouldBeNull("the kind has a template of its own, which counts");
    }

    [Fact]
    public void A_player_does_not_say_what_a_new_entity_starts_from() =>
        Submit("alice", Change("alice", "set settings.volume") with { Template = new Document().ToBytes() }).ShouldNotBeNull();

    [Theory]
    [InlineData("server", true, true)]
    [InlineData("service", true, true)]
    [InlineData("support", true, true)]
    [InlineData("admin", true, true)]
    [InlineData("alice", true, false)]
    [InlineData("bob", false, false)]
    public void Everybody_but_players_reads_everything_history_included(string who, bool reads, bool readsHistory)
    {
        var key = new EntityKey("profile", "alice");
        (Authorizer.Read(Principals[who], key) is null).ShouldBe(reads);
        (Authorizer.ReadHistory(Principals[who], key) is null).ShouldBe(readsHistory);
    }

    [Theory]
    [InlineData("server", "name xp")]
    [InlineData("server5", "name vault xp")]
    [InlineData("support", "name vault")]
    [InlineData("alice", "name")]
    [InlineData("admin", "name secret vault xp")]
    public void What_is_seen_depends_on_role_and_level(string who, string seen)
    {
        var kinds = new KindRegistry([new Kind
        {
            Name = "profile",
            Access = new KindAccess
            {
                Paths =
                [
                    new PathRule("secret") { Readers = AccessRoles.None },
                    new PathRule("vault") { ReadLevel = 3 },
                    new PathRule("xp") { Readers = AccessRoles.Backend },
                ],
            },
        }]);
        var document = DocumentJson.Parse("""{"name":1,"secret":1,"vault":1,"xp":1}""").ToBytes();
        var filter = new KindAuthorizer(kinds).Visible(Principals[who], new EntityKey("profile", "alice"));
        var visible = filter is null ? document : filter.Apply(document);
        string.Join(' ', Document.Decode(visible).Root.Select(entry => entry.Key)).ShouldBe(seen);
    }

    [Fact]
    public void Where_everything_is_hidden_nothing_is_read()
    {
        var key = new EntityKey("locked", "alice");
        foreach (var who in new[] { "server5", "support", "alice" })
            Authorizer.Read(Principals[who], key).ShouldNotBeNull(who);
        Authorizer.Read(Principals["admin"], key).ShouldBeNull();
        Authorizer.Submit(Principals["server"], new Mutation { Key = key, Kind = MutationKind.Message }).ShouldNotBeNull();
        Authorizer.Submit(Principals["service"], new Mutation { Key = key, Kind = MutationKind.Message }).ShouldBeNull();
        Authorizer.OpenSession(Principals["server"], key, default).ShouldNotBeNull();
    }

    [Fact]
    public void What_the_server_keeps_for_itself_nobody_changes_and_only_support_and_admins_see()
    {
        var key = new EntityKey("sp-other", "alice");
        foreach (var (who, principal) in Principals)
        {
            Authorizer.Submit(principal, new Mutation { Key = key, Payload = new DeltaWriter().ToArray() }).ShouldNotBeNull(who);
            Authorizer.OpenSession(principal, key, default).ShouldNotBeNull(who);
            (Authorizer.Read(principal, key) is null).ShouldBe(who is "support" or "admin", who);
        }
    }

    [Theory]
    [InlineData("unknown", "no kind of this name")]
    [InlineData("profile", "two rules")]
    [InlineData("locked", "keys only")]
    public void Rules_that_can_not_be_are_refused_at_the_start(string kind, string message)
    {
        PathRule[] rules = kind switch
        {
            "profile" => [new("a"), new("a")],
            "locked" => [new("a[0].b")],
            _ => [],
        };
        var overrides = new Dictionary<string, KindAccess>(StringComparer.Ordinal) { [kind] = new() { Paths = rules } };
        Should.Throw<ArgumentException>(() => new KindAuthorizer(Kinds, overrides)).Message.ShouldContain(message);
    }

    [Fact]
    public void Configured_rules_take_the_place_of_the_kinds()
    {
        var overrides = new Dictionary<string, KindAccess>(StringComparer.Ordinal) { ["profile"] = new() { Paths = [new PathRule("xp") { WriteLevel = 1 }] } };
        var authorizer = new KindAuthorizer(Kinds, overrides);
        authorizer.Submit(Principals["server"], Change("alice", "set currency.gold")).ShouldBeNull();
        authorizer.Submit(Principals["server"], Change("alice", "set xp"))!.Path.ShouldBe("xp");
    }

    private static Denial? Submit(string who, in Mutation mutation) => Authorizer.Submit(Principals[who], mutation);

    private static Mutation Change(string id, string operation)
    {
        var (name, path) = (operation.Split(' ')[0], Path.Parse(operation.Split(' ')[1]));
        var delta = new DeltaWriter();
        switch (name)
        {
            case "set":
                delta.Set(path, 1);
                break;
            case "remove":
                delta.Remove(path);
                break;
            case "increment":
                delta.Increment(path, 1);
                break;
            case "insert":
                delta.Insert(path, 1);
                break;
            default:
                delta.Clear(path);
                break;
        }

        return new Mutation { Key = new EntityKey("profile", id), Payload = delta.ToArray() };
    }
}
