using Savepoint.Documents;
using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Currency;
using Savepoint.Modules.Characters.Rules;
using Savepoint.Modules.Characters.Scores;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Tests;

public sealed class CharacterDocumentTests
{
    private static CharacterState Gimli { get; } = new()
    {
        Name = "Gimli",
        Sheet = Srd.Sheet("hill-dwarf", "fighter", 1, new Abilities(16, 12, 17, 10, 13, 8)),
        HitPoints = 14,
    };

    [Fact]
    public void A_new_character_is_read_as_it_was_written()
    {
        var read = CharacterDocument.Read(New(Gimli), Srd.Rulebook);
        read.ShouldBe(Gimli);
        CharacterDocument.IsCharacter(New(Gimli)).ShouldBeTrue();
        CharacterDocument.IsCharacter(CharacterDocument.Template().CreateDocument()).ShouldBeFalse();
        CharacterState.Of(new CreatedCharacter("Gimli", Gimli.Sheet)).ShouldBe(Gimli);
    }

    [Fact]
    public void A_change_writes_what_it_has_changed_and_leads_to_what_is_read_again()
    {
        var document = New(Gimli);
        var now = Gimli;
        Step(now with { HitPoints = 3 }, "set hitpoints 3");
        Step(now with { Coins = new CoinCounts(Silver: 5, Gold: long.MaxValue) }, "increment currency.sp 5, increment currency.gp 9223372036854775807");
        Step(now with { Coins = new CoinCounts(Silver: 6) }, "increment currency.sp 1, increment currency.gp -9223372036854775807");
        Step(now.With(Srd.Carrying("plate", "longsword", shield: true)), "set equipment.armor plate, set equipment.mainHand longsword, set equipment.shield shield");
        Step(now.With(Srd.Carrying("plate", "dagger", "sickle")), "set equipment.mainHand dagger, set equipment.offHand sickle, remove equipment.shield");
        Step(now with { Sheet = now.Sheet with { Level = 2 }, HitPoints = 13 }, "set level 2, set hitpoints 13");
        Step(now, "");

        void Step(CharacterState after, string expected)
        {
            var delta = new DeltaWriter();
            CharacterDocument.WriteChanges(now, after, delta);
            Lines(delta).ShouldBe(expected);
            Delta.Apply(document, delta.WrittenSpan);
            CharacterDocument.Read(document, Srd.Rulebook).ShouldBe(after);
            now = after;
        }
    }

    [Fact]
    public void What_the_rulebook_does_not_have_stands_for_something_that_does_nothing()
    {
        var document = DocumentJson.Parse("""
            {"name":"Gimli","race":"goblin","subrace":"cave-goblin","class":"tinker","level":3,"hitpoints":99,"abilities":{"strength":16,"dexterity":14,"constitution":10,"intelligence":10,"wisdom":10,"charisma":10},
            "equipment":{"armor":"tin","mainHand":"spanner","offHand":"other-spanner","shield":"lid"},"currency":{"gp":1}}
            """);
        var character = CharacterDocument.Read(document, Srd.Rulebook);
        var stats = DerivedStats.Of(character.Sheet);
        (stats.ArmorClass, stats.MaximumHitPoints, stats.SpeedFeet, character.HitPoints).ShouldBe((12, 14, 30, 14));
        stats.Attacks.ShouldAllBe(attack => attack.Damage == null && attack.AttackBonus == 3);
        foreach (var slot in Enum.GetValues<EquipmentSlot>())
            character = character.With(Equipping.Remove(character.Sheet.Equipment, slot).Result);
        var delta = new DeltaWriter();
        CharacterDocument.WriteChanges(CharacterDocument.Read(document, Srd.Rulebook), character, delta);
        Lines(delta).ShouldBe("remove equipment.armor, remove equipment.mainHand, remove equipment.offHand, remove equipment.shield");
    }

    [Fact]
    public void Hit_points_are_never_above_their_maximum_and_what_is_stored_stays_until_they_change()
    {
        var document = New(Gimli with { HitPoints = 99 });
        var read = CharacterDocument.Read(document, Srd.Rulebook);
        read.ShouldBe(Gimli);
        var delta = new DeltaWriter();
        CharacterDocument.WriteChanges(read, read, delta);
        Lines(delta).ShouldBe("");
        CharacterDocument.WriteChanges(read, read with { HitPoints = 12 }, delta);
        Lines(delta).ShouldBe("set hitpoints 12");
    }

    [Fact]
    public void What_may_not_be_seen_is_nothing_special()
    {
        var character = CharacterDocument.Read(DocumentJson.Parse("""{"name":"Gimli"}"""), Srd.Rulebook);
        (character.Name, character.HitPoints, character.Coins, character.Sheet.Level, character.Sheet.Equipment).ShouldBe(("Gimli", 0, default, 1, Equipment.None));
        character.Sheet.Scores.ShouldBe(new Abilities(10, 10, 10, 10, 10, 10));
        CharacterDocument.IsCharacter(new Document()).ShouldBeFalse();
    }

    private static Document New(CharacterState character)
    {
        var document = CharacterDocument.Template().CreateDocument();
        var delta = new DeltaWriter();
        foreach (var (key, value) in CharacterDocument.Write(character).Root)
            delta.Set(Documents.Path.Root.Child(key), value);
        Delta.Apply(document, delta.WrittenSpan);
        return document;
    }

    private static string Lines(DeltaWriter delta)
    {
        var lines = new List<string>();
        foreach (var operation in new DeltaReader(delta.WrittenSpan))
        {
            var path = operation.Path.ToPath().ToString();
            lines.Add(operation.Kind switch
            {
                OperationKind.Increment => $"increment {path} {operation.Amount.AsInt64()}",
                OperationKind.Set => $"set {path} {(operation.GetValue().TryGetString(out var text) ? text : operation.GetValue().AsInt64())}",
                _ => $"{operation.Kind.ToString().ToLowerInvariant()} {path}",
            });
        }

        return string.Join(", ", lines);
    }
}
