namespace Savepoint.Modules.Characters.Items;

/// <summary>A shield, carried in one hand; a character benefits from one only (SRD 5.1, Shields, p. 63). Donning or doffing it takes an action.</summary>
public sealed record Shield
{
    /// <summary>Such as <c>shield</c>; unique among all items.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in the SRD.</summary>
    public required string Name { get; init; }

    /// <summary>What it costs, in copper pieces.</summary>
    public required long CostCopper { get; init; }

    /// <summary>What it weighs, in pounds.</summary>
    public required decimal WeightPounds { get; init; }

    /// <summary>What it adds to the armor class.</summary>
    public required int ArmorClassBonus { get; init; }
}
