namespace Savepoint.Modules.Characters.Scores;

/// <summary>A whole number for each ability: scores, increases, modifiers, or bonuses to saving throws.</summary>
/// <param name="Strength">For Strength.</param>
/// <param name="Dexterity">For Dexterity.</param>
/// <param name="Constitution">For Constitution.</param>
/// <param name="Intelligence">For Intelligence.</param>
/// <param name="Wisdom">For Wisdom.</param>
/// <param name="Charisma">For Charisma.</param>
public readonly record struct Abilities(int Strength = 0, int Dexterity = 0, int Constitution = 0, int Intelligence = 0, int Wisdom = 0, int Charisma = 0)
{
    /// <summary>The six abilities, in the SRD's order.</summary>
    public static IReadOnlyList<Ability> All { get; } =
        [Ability.Strength, Ability.Dexterity, Ability.Constitution, Ability.Intelligence, Ability.Wisdom, Ability.Charisma];

    /// <summary>The number for one ability.</summary>
    public int this[Ability ability] => ability switch
    {
        Ability.Strength => Strength,
        Ability.Dexterity => Dexterity,
        Ability.Constitution => Constitution,
        Ability.Intelligence => Intelligence,
        Ability.Wisdom => Wisdom,
        Ability.Charisma => Charisma,
        _ => throw new ArgumentOutOfRangeException(nameof(ability), ability, "is no ability"),
    };

    /// <summary>A number for each ability, made by a rule.</summary>
    public static Abilities Each(Func<Ability, int> rule) =>
        new(rule(Ability.Strength), rule(Ability.Dexterity), rule(Ability.Constitution), rule(Ability.Intelligence), rule(Ability.Wisdom), rule(Ability.Charisma));

    /// <summary>The sums of two, ability by ability.</summary>
    public Abilities Plus(Abilities other)
    {
        var these = this;
        return Each(ability => these[ability] + other[ability]);
    }
}
