using Savepoint.Client;

namespace Savepoint.FirstProfile;

[Profile]
public partial class PlayerProfile
{
    [Additive, Default(100)]
    public partial long Gold { get; set; }

    [Default("Newcomer")]
    public partial string Title { get; set; }

    public partial DateTimeOffset? LastSeen { get; set; }

    public partial TrackedList<string> Quests { get; }

    [Additive]
    public partial TrackedMap<long> Inventory { get; }

    public partial CombatStats Combat { get; }
}

[ProfileSection]
public partial class CombatStats
{
    [Additive]
    public partial long Kills { get; set; }

    [Property("best_weapon")]
    public partial string? BestWeapon { get; set; }
}
