namespace Savepoint.Modules.Characters.Items;

/// <summary>The special properties of weapons (SRD 5.1, Weapon Properties, pp. 64-65).</summary>
[Flags]
public enum WeaponProperties
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Shoots ammunition; a one-handed weapon is loaded with a free hand.</summary>
    Ammunition = 1,

    /// <summary>Attacks by Strength or Dexterity, as the wielder chooses.</summary>
    Finesse = 2,

    /// <summary>Small creatures have disadvantage on attacks with it.</summary>
    Heavy = 4,

    /// <summary>Small and easy to handle: one of two for fighting with two weapons.</summary>
    Light = 8,

    /// <summary>One shot for each action, however many attacks there are.</summary>
    Loading = 16,

    /// <summary>Adds 5 feet to the reach.</summary>
    Reach = 32,

    /// <summary>Has rules of its own: lance and net. They are left to the game.</summary>
    Special = 64,

    /// <summary>Can be thrown.</summary>
    Thrown = 128,

    /// <summary>Needs two hands.</summary>
    TwoHanded = 256,

    /// <summary>Can be used with one hand or, for more damage, with two.</summary>
    Versatile = 512,
}
