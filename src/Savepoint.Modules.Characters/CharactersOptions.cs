using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Savepoint.Modules.Characters.Data;

namespace Savepoint.Modules.Characters;

/// <summary>What characters there are, and how many.</summary>
public sealed class CharactersOptions
{
    /// <summary>Whether the server has them. The default value is true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most characters of one user. The default value is 20.</summary>
    [Range(1, 1_000)]
    public int MaxPerUser { get; set; } = 20;

    /// <summary>The largest body of a request. The default value is 8 KiB.</summary>
    [Range(1 << 10, 1 << 20)]
    public int MaxBodyBytes { get; set; } = 8 << 10;

    /// <summary>The items, races and classes that there are; null for those of the SRD 5.1, which is the default. Only code can say it.</summary>
    public Rulebook? Rulebook { get; set; }

    /// <summary>Assemblies with intents of the game's own, beside those of this module. By default none. Only code can say it.</summary>
    public IList<Assembly> IntentAssemblies { get; } = [];
}
