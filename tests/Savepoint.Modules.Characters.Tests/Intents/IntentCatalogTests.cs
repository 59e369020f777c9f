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
    private static readonly IntentCatalog Catalog = IntentCatalog.Find(Srd.Rulebook, []);

    [Fact]
    public void The_intents_are_found_by_themselves_and_sorted_by_name()
    {
        var names = Catalog.All.Select(intent => intent.Definition.Name).ToArray();
        names.ShouldContain("level-up");
        names.ShouldBe(names.Order(StringComparer.Ordinal));
        Catalog.All.Count.ShouldBe(typeof(IntentCatalog).Assembly.GetTypes().Count(type => type.BaseType is { IsGenericType: true } parent && parent.GetGenericTypeDefinition() == typeof(CharacterIntent<>)));
        Catalog.Handlers.Select(handler => handler.Name).ShouldBe(names);
    }

    [Fact]
    public void Only_what_means_the_same_whatever_happened_needs_no_version() => Catalog.All.Where(intent => intent.Definition.Commutes).Select(intent => intent.Definition.Name)
        .ShouldBe(["currency.modify", "stats.hitpoints"]);

    [Fact]
    public void Two_of_one_name_fail_the_start_and_are_named() =>
        Should.Throw<InvalidOperationException>(() => IntentCatalog.Find(Srd.Rulebook, [typeof(SecondLevelUp).Assembly])).Message
            .ShouldBe("Several intents of characters have 'level-up': LevelUp, SecondLevelUp.");

    [Fact]
    public void Two_at_one_address_fail_the_start()
    {
        Should.Throw<InvalidOperationException>(() => new IntentCatalog(Srd.Rulebook, [new Odd(), new Odd(Odd.Fine with { Name = "odder" })])).Message.ShouldContain("'POST /odd'");
        new IntentCatalog(Srd.Rulebook, [new Odd(), new Odd(Odd.Fine with { Name = "odder", Method = "PATCH" })]).All.Count.ShouldBe(2);
    }

    [Fact]
    public void What_could_never_be_served_fails_the_start()
    {
        Refusal(new Odd(Odd.Fine with { Name = "create" })).ShouldBe("The intent Odd can't be named 'create', which this module does itself.");
        Refusal(new Odd(Odd.Fine with { Name = "delete" })).ShouldContain("'delete'");
        Refusal(new Odd(Odd.Fine with { Name = "make" })).ShouldContain("'make'");
        Refusal(new Odd(Odd.Fine with { Name = new string('x', 65) })).ShouldContain("at most 64 characters");
        Refusal(new Odd(Odd.Fine with { Name = "" })).ShouldContain("has to have a name");
        Refusal(new Odd(Odd.Fine with { Method = "GET" })).ShouldContain("'GET'");
        Refusal(new Odd(Odd.Fine with { Route = "cheat" })).ShouldContain("'cheat'");
        Refusal(new Odd(Odd.Fine with { Errors = [new RuleError("ODD", "Odd.") { Status = 200 }] })).ShouldContain("'ODD'");
        Refusal(new Odd(Odd.Fine with { Errors = [CharacterErrors.SlotEmpty with { Status = 404 }] })).ShouldContain("'SLOT_EMPTY'");
        Refusal(new Odd(Odd.Fine, "version")).ShouldContain("an argument 'version'");
        Refusal(new Odd(Odd.Fine, "much", "much")).ShouldContain("'much' twice");
        Refusal(new Odd(Odd.Fine, [.. Enumerable.Range(0, 65).Select(index => $"a{index}")])).ShouldContain("more than 64 arguments");
        Served(new Odd());
        Served(new Odd(Odd.Fine with { Name = new string('x', 64), Errors = [new RuleError("ODD", "Odd.") { Status = 409 }, CharacterErrors.SlotEmpty] }));

        static string Refusal(CharacterIntent intent) => Should.Throw<InvalidOperationException>(() => new IntentCatalog(Srd.Rulebook, [intent])).Message;

        static void Served(CharacterIntent intent) => new IntentCatalog(Srd.Rulebook, [intent]).Handlers.ShouldHaveSingleItem().Name.ShouldBe(intent.Definition.Name);
    }

    private sealed class Odd(IntentDefinition definition, params string[] flags) : CharacterIntent<bool>(definition)
    {
        public static readonly IntentDefinition Fine = new("odd", "Is odd", "POST", "/odd", "{}");

        public Odd()
            : this(Fine, "much")
        {
        }

        protected override bool Read(IntentArguments arguments) => flags.All(flag => arguments.Flag(flag, "How odd it is.") is var _);

        protected override Ruling<CharacterState> Apply(CharacterState character, bool arguments, Rulebook rulebook) => character;
    }

    [Fact]
    public void What_is_said_of_an_intent_is_true()
    {
        foreach (var intent in Catalog.All)
        {
            var fields = intent.Fields;
            var (arguments, version) = new IntentBody(fields).Read(Encoding.UTF8.GetBytes(intent.Definition.Example));
            version.ShouldBe(intent.Definition.Commutes ? null : 5, intent.Definition.Name);
            var read = new StoredArguments(Document.Decode(arguments).Root);
            intent.Check(read);
            read.AreAll.ShouldBeTrue(intent.Definition.Name);
            fields.Select(field => field.Name).ShouldBeUnique();
            fields.ShouldAllBe(field => field.Description.Length > 5);
            intent.Definition.Errors.Except(CharacterErrors.All).ShouldBeEmpty(intent.Definition.Name);
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
public sealed class SecondLevelUp() : CharacterIntent<bool>(new IntentDefinition("level-up", "Cheats", "POST", "/cheat", "{}"))
{
    protected override bool Read(IntentArguments arguments) => true;

    protected override Ruling<CharacterState> Apply(CharacterState character, bool arguments, Rulebook rulebook) => character;
}
