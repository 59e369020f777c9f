using Savepoint.Client;

namespace DedicatedServer;

/// <summary>What is kept of a player. Its defaults are what a new hero starts with.</summary>
[Profile]
public partial class Hero
{
    public const string Kind = "profile";

    /// <summary>Additive: what is added here and what a shop or a trade adds at the same moment both count.</summary>
    [Additive, Default(100L)]
    public partial long Gold { get; set; }

    [Additive]
    public partial long Visits { get; set; }

    [Additive]
    public partial TrackedMap<long> Items { get; }
}
