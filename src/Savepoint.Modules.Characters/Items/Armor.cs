namespace Savepoint.Modules.Characters.Items;

/// <summary>How heavy armor is (SRD 5.1, Armor, pp. 63-64).</summary>
public enum ArmorCategory
{
    /// <summary>Adds the whole Dexterity modifier.</summary>
    Light,

    /// <summary>Adds the Dexterity modifier up to a limit.</summary>
    Medium,

    /// <summary>Takes no account of Dexterity, neither for better nor for worse.</summary>
    Heavy,
}

/// <summary>A suit of armor (SRD 5.1, Armor table, pp. 63-64).</summary>
public sealed record Armor
{
    /// <summary>Such as <c>chain-mail</c>; unique among all items.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>Light, medium or heavy.</summary>
    public required ArmorCategory Category { get; init; }

    /// <summary>What it costs, in copper pieces.</summary>
    public required long CostCopper { get; init; }

    /// <summary>What it weighs, in pounds.</summary>
    public required decimal WeightPounds { get; init; }

    /// <summary>The armor class before Dexterity and shield.</summary>
    public required int ArmorClass { get; init; }

    /// <summary>The most that Dexterity adds; set for medium armor only.</summary>
    public int? DexterityLimit { get; init; }

    /// <summary>The Strength score below which it slows its wearer; 0 for none.</summary>
    public int Strength { get; init; }

    /// <summary>Whether its wearer has disadvantage on Dexterity (Stealth) checks.</summary>
    public bool StealthDisadvantage { get; init; }

    /// <summary>Minutes to put it on.</summary>
    public required int DonMinutes { get; init; }

    /// <summary>Minutes to take it off.</summary>
    public required int DoffMinutes { get; init; }
}
