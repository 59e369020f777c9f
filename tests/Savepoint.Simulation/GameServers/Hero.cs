using Savepoint.Client;

namespace Savepoint.Simulation;

/// <summary>A profile of the simulated game.</summary>
[Profile]
internal sealed partial class Hero
{
    /// <summary>Changed by units that say for what: the journal can be asked about each.</summary>
    [Additive]
    public partial long Gold { get; set; }

    /// <summary>Changed in passing and saved with whatever else there is.</summary>
    [Additive]
    public partial long Silver { get; set; }

    /// <summary>What messages have brought.</summary>
    [Additive]
    public partial long Gifts { get; set; }

    /// <summary>Counts the changes of gold made in sessions, by reading and writing: two writers at once would lose some.</summary>
    public partial long Deeds { get; set; }
}
