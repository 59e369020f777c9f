namespace Savepoint.GameTests;

[Profile]
public partial class Hero
{
    [Additive, Default(100)]
    public partial long Gold { get; set; }

    [Additive]
    public partial TrackedMap<long> Inventory { get; }

    /// <summary>Until when damage is doubled.</summary>
    public partial DateTimeOffset? RageEnds { get; set; }
}
