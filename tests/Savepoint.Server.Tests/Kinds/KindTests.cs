using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Server.Hosting;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Kinds;

/// <summary>A studio's own server: kinds that are given in code, put together by the services.</summary>
public sealed class KindTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_kind_in_code_takes_the_place_of_the_default_and_is_put_together_from_its_parts()
    {
        await using var server = await RunningServer.StartGameAsync(ExampleGame.Configure);
        await using var client = await server.ConnectAsync(TestClient.AsGameServer());
        var opened = await client.OpenAsync("alice");
        Text(opened.Document).ShouldBe("""{"$$template":2,"currency":{"gems":5,"gold":100},"inventory":{},"season":"spring"}""");

        await client.CommitAsync(Requests.Set("alice", "inventory.sword", 3, m => m.Session = opened.Session));
        foreach (var (path, value, code) in new (string, long, string)[]
        {
            ("currency.gold", 1_000_001, "document.out_of_bounds"),
            ("inventory.sword", 0, "document.out_of_bounds"),
            ("inventory", 5, "document.wrong_type"),
            ("cheats", 1, "document.unknown_property"),
            ("$users", 1, "document.reserved"),
        })
        {
            var error = (await client.AskAsync(Requests.Unit(Requests.Set("alice", path, value, m => m.Session = opened.Session)))).Error;
            (error.Code, error.Path).ShouldBe((code, path));
        }

        var spent = (await client.AskAsync(Requests.Unit(Spend("alice", 1000, opened.Session)))).Error;
        spent.Code.ShouldBe("not_enough_gold");
        await client.CommitAsync(Spend("alice", 40, opened.Session));
        Requests.Number((await client.AskAsync(Requests.Get("alice"))).Snapshot.Document, "currency.gold").ShouldBe(60);
    }

    [Fact]
    public async Task Where_the_server_has_the_template_those_of_game_servers_are_not_compared()
    {
        await using var server = await RunningServer.StartGameAsync(ExampleGame.Configure);
        foreach (var (name, gold) in new[] { ("eu-1", 1), ("eu-2", 2) })
        {
            var client = await server.ConnectAsync(TestClient.AsGameServer(name));
            var opened = await client.OpenAsync(name, open => open.Template = ByteString.CopyFrom(Requests.Body(gold)));
            Requests.Number(opened.Document, "currency.gold").ShouldBe(100);
        }
    }

    [Fact]
    public async Task What_an_earlier_program_has_stored_is_migrated_and_the_history_says_so()
    {
        string[] args = ["--Savepoint:Store=Sqlite"];
        await using (var before = await RunningServer.StartAsync(_data, args))
        {
            await using var client = await before.ConnectAsync(TestClient.AsGameServer());
            await client.CommitAsync(Requests.Set("alice", "gold", 7));
        }

        await using var server = await RunningServer.StartAsync(_data, args, ExampleGame.Configure);
        await using var game = await server.ConnectAsync(TestClient.AsGameServer());
        Text((await game.OpenAsync("alice")).Document).ShouldBe("""{"$$template":2,"currency":{"gold":7},"season":"spring"}""");
        var versions = (await game.AskAsync(Requests.List("alice"))).VersionList.Versions;
        versions.Select(version => version.EventType).ShouldBe(["migration:2", ""]);
    }

    [Fact]
    public void Two_populators_of_one_property_fail_the_start_and_both_are_named() =>
        Fault(kind => kind.Populator<CurrencySection>().Populator<OtherCurrency>())
            .ShouldBe("The template of the kind 'profile' can't be composed: OtherCurrency: document.duplicate_key at 'currency.gold': 'currency.gold' is set already by CurrencySection, and OtherCurrency sets it again");

    [Fact]
    public void A_populator_of_what_the_template_has_fails_the_start() =>
        Fault(kind => kind.Template(new Template(DocumentJson.Parse("""{"currency":{}}"""))).Populator<CurrencySection>()).ShouldContain("'currency' is set already, and CurrencySection sets it again");

    [Fact]
    public void A_part_that_throws_or_can_not_be_made_fails_the_start_and_is_named()
    {
        Fault(kind => kind.Populator<Throwing>()).ShouldBe("The template of the kind 'profile' can't be composed: Throwing threw InvalidOperationException: no defaults today");
        Fault(kind => kind.Hook<Season>()).ShouldContain("A hook of the kind 'profile' can't be made");
        Fault(kind => kind.Hook<Spend>()).ShouldContain("the hook Spend, which is no ICreatedHook");
        Fault(kind => kind.Intent<Spend>().Intent("spend", _ => null)).ShouldContain("two intents of the name 'spend'");
        Fault(kind => kind.Populator<CurrencySection>().Strict(schema => schema.Between("currency.gold", 0.5, 1))).ShouldContain("The schema of the kind 'profile' is wrong");
        Fault(kind => kind.Populator<CurrencySection>().Strict(schema => schema.Between("currency.gold", 500L, null))).ShouldContain("does not fit its schema: document.out_of_bounds at 'currency.gold'");
        Fault(kind => kind.TemplateVersion(3).Migration<GoldIsCurrency>()).ShouldContain("step by step");
    }

    [Fact]
    public async Task A_start_that_fails_for_a_kind_ends_the_process_with_1() =>
        (await ServerRun.RunAsync(Arguments(_data), savepoint => savepoint.AddKind("profile", kind => kind.Populator<Throwing>()))).ShouldBe(1);

    [Fact]
    public void Names_that_begin_with_sp_are_for_modules_of_Savepoint()
    {
        Should.Throw<InvalidKindException>(() => Registry(savepoint => savepoint.AddKind("sp-mine", _ => { }))).Message.ShouldContain("'sp-mine' can't name a kind of a game");
        Registry(savepoint => savepoint.AddSystemKind("sp-mine")).TryGet("sp-mine", out _).ShouldBeTrue();
    }

    [Fact]
    public void Kinds_in_code_stand_beside_those_of_the_settings_and_in_the_place_of_the_default()
    {
        const string withoutModules = "--Savepoint:Characters:Enabled=false";
        Names(_ => { }, withoutModules).ShouldBe(["profile"]);
        Names(savepoint => savepoint.AddKind(new Kind { Name = "match" }), withoutModules).ShouldBe(["match"]);
        Names(savepoint => savepoint.AddKind("match", kind => kind.SharedSessions()), withoutModules, "--Savepoint:Kinds:0=match", "--Savepoint:Kinds:1=guild").ShouldBe(["guild", "match"]);
        Registry(savepoint => savepoint.AddKind("match", kind => kind.SharedSessions()), "--Savepoint:Kinds:0=match").TryGet("match", out var match).ShouldBeTrue();
        match!.SessionsExclude.ShouldBeFalse();
    }

    private string Fault(Action<KindBuilder> configure) => Should.Throw<InvalidKindException>(() => Registry(savepoint => savepoint.AddKind("profile", configure))).Message;

    private IEnumerable<string> Names(Action<SavepointBuilder> configure, params string[] args) =>
        Registry(configure, args).All.Where(kind => !kind.IsOwnedBySavepoint).Select(kind => kind.Name).Except(["character", "roster"]).Order();

    private KindRegistry Registry(Action<SavepointBuilder> configure, params string[] args)
    {
        var app = SavepointApplication.Create([.. Arguments(_data), .. args], configure: configure);
        return app.Services.GetRequiredService<KindRegistry>();
    }

    private static string[] Arguments(DirectoryInfo data) =>
        ["--listen", "http://127.0.0.1:0", "--data", data.FullName, $"--Savepoint:GameServerSecret={TestClient.Secret}", "--Logging:LogLevel:Default=None"];

    private static Mutation Spend(string id, long amount, ulong session) => new()
    {
        Kind = Requests.Kind,
        Id = id,
        Session = session,
        Intent = new Intent { Name = "spend", Arguments = ByteString.CopyFrom(new Document(new MapBuilder { ["amount"] = amount }.Build()).ToBytes()) },
    };

    private static string Text(ByteString document) => DocumentJson.ToText(Document.Decode(document.Span));

    private sealed class OtherCurrency : IPopulator
    {
        public void Populate(TemplateBuilder template) => template.Set("currency.gold", 5);
    }

    private sealed class Throwing : IPopulator
    {
        public void Populate(TemplateBuilder template) => throw new InvalidOperationException("no defaults today");
    }
}
