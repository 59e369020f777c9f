using System.Reflection;
using System.Text;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Http;
using Savepoint.Modules.Characters.Intents;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Tests;

public sealed class IntentCatalogTests
{
    private static readonly IntentCatalog Catalog = new(Srd.Rulebook, []);

    [Fact]
    public void The_intents_are_found_by_themselves_and_sorted_by_name() => Catalog.All.Select(intent => intent.Name)
        .ShouldBe(["currency.exchange", "currency.modify", "equip-armor", "equip-shield", "equip-weapon", "level-up", "stats.hitpoints", "unequip"]);

    [Fact]
    public void Two_of_one_name_fail_the_start_and_are_named() =>
        Should.Throw<InvalidOperationException>(() => new IntentCatalog(Srd.Rulebook, [typeof(SecondLevelUp).Assembly])).Message
            .ShouldBe("Several intents of characters have 'level-up': LevelUp, SecondLevelUp.");

    [Fact]
    public void What_could_never_be_served_fails_the_start()
    {
        Refusal(new Odd { Called = "create" }).ShouldBe("The intent Odd can't be named 'create', which this module does itself.");
        Refusal(new Odd { Called = "delete" }).ShouldContain("'delete'");
        Refusal(new Odd { Called = "make" }).ShouldContain("'make'");
        Refusal(new Odd { Called = new string('x', 65) }).ShouldContain("at most 64 characters");
        Refusal(new Odd { Called = "" }).ShouldContain("has to have a name");
        Refusal(new Odd { Verb = "GET" }).ShouldContain("'GET'");
        Refusal(new Odd { At = "cheat" }).ShouldContain("'cheat'");
        Refusal(new Odd { Argument = "version" }).ShouldContain("an argument 'version'");
        Refusal(new Odd { Refused = new RuleError("ODD", "Odd.") { Status = 200 } }).ShouldContain("'ODD'");
        Refusal(new Odd { Refused = CharacterErrors.SlotEmpty with { Status = 404 } }).ShouldContain("'SLOT_EMPTY'");
        IntentCatalog.Check(new Odd());
        IntentCatalog.Check(new Odd { Called = new string('x', 64), Refused = new RuleError("ODD", "Odd.") { Status = 409 } });
        IntentCatalog.Check(new Odd { Refused = CharacterErrors.SlotEmpty });

        static string Refusal(CharacterIntent intent) => Should.Throw<InvalidOperationException>(() => IntentCatalog.Check(intent)).Message;
    }

    private sealed class Odd : CharacterIntent<bool>
    {
        public string Called { get; init; } = "odd";

        public string Verb { get; init; } = "POST";

        public string At { get; init; } = "/odd";

        public string Argument { get; init; } = "much";

        public RuleError? Refused { get; init; }

        public override string Name => Called;

        public override string Summary => "Is odd";

        public override string Method => Verb;

        public override string Route => At;

        public override string Example => "{}";

        public override IReadOnlyList<RuleError> Errors => Refused is null ? [] : [Refused];

        protected override bool Read(IntentArguments arguments) => arguments.Flag(Argument, "How odd it is.");

        protected override Ruling<CharacterState> Apply(CharacterState character, bool arguments, Rulebook rulebook) => character;
    }

    [Fact]
    public void What_is_said_of_an_intent_is_true()
    {
        foreach (var intent in Catalog.All)
        {
            var fields = DescribedArguments.Of(intent);
            var (arguments, version) = new IntentBody(fields).Read(Encoding.UTF8.GetBytes(intent.Example));
            version.ShouldBe(intent.Commutes ? null : 5, intent.Name);
            var read = new StoredArguments(Document.Decode(arguments).Root);
            intent.Check(read);
            read.AreAll.ShouldBeTrue(intent.Name);
            fields.Select(field => field.Name).ShouldBeUnique();
            fields.ShouldAllBe(field => field.Meaning.Length > 5);
            intent.Errors.Except(CharacterErrors.All).ShouldBeEmpty(intent.Name);
        }
    }

    [Fact]
    public void Every_code_has_a_status_and_a_sentence_and_what_was_not_found_is_404()
    {
        var codes = typeof(CharacterErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToArray();
        CharacterErrors.All.Select(error => error.Code).ShouldBe(codes, ignoreOrder: true);
        foreach (var error in CharacterErrors.All)
        {
            error.Status.ShouldBe(error.Code == CharacterErrorCodes.ArgumentsInvalid ? 400 : error.Code.EndsWith("_NOT_FOUND", StringComparison.Ordinal) ? 404 : 422, error.Code);
            error.Detail.ShouldEndWith(".");
        }
    }
}

/// <summary>Takes the name of another.</summary>
public sealed class SecondLevelUp : CharacterIntent<bool>
{
    public override string Name => "level-up";

    public override string Summary => "Cheats";

    public override string Method => "POST";

    public override string Route => "/cheat";

    public override string Example => "{}";

    protected override bool Read(IntentArguments arguments) => true;

    protected override Ruling<CharacterState> Apply(CharacterState character, bool arguments, Rulebook rulebook) => character;
}
