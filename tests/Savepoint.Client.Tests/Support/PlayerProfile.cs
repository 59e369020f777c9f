namespace Savepoint.Client.Tests;

public enum Rank
{
    Novice = 0,
    Knight = 3,
}

[Profile]
public partial class PlayerProfile
{
    [Additive]
    public partial long Gold { get; set; }

    [Default("Nobody")]
    public partial string Name { get; set; }

    [Default(100)]
    public partial int Health { get; set; }

    [Additive]
    public partial double Experience { get; set; }

    [Property("is_vip")]
    public partial bool IsVip { get; set; }

    public partial DateTimeOffset? LastSeen { get; set; }

    public partial Rank Rank { get; set; }

    public partial Rank? Title { get; set; }

    public partial ReadOnlyMemory<byte> Avatar { get; set; }

    public partial TrackedList<string> Items { get; }

    [Additive]
    public partial TrackedMap<long> Inventory { get; }

    public partial Stats Stats { get; }
}

[ProfileSection]
public partial class Stats
{
    [Additive]
    public partial long Kills { get; set; }

    public partial string? Favorite { get; set; }
}

[Profile(TemplateVersion = 7)]
public partial class CountedProfile
{
    public partial long Gold { get; set; }
}
