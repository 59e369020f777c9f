namespace Savepoint.Modules.Characters.Scores;

/// <summary>The six abilities, in the SRD's order (SRD 5.1, Using Ability Scores, p. 76).</summary>
public enum Ability
{
    /// <summary>Physical power.</summary>
    Strength,

    /// <summary>Agility.</summary>
    Dexterity,

    /// <summary>Endurance.</summary>
    Constitution,

    /// <summary>Reasoning and memory.</summary>
    Intelligence,

    /// <summary>Perception and insight.</summary>
    Wisdom,

    /// <summary>Force of personality.</summary>
    Charisma,
}
