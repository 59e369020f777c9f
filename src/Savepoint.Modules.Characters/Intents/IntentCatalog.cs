using System.Reflection;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Characters.Data;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>All intents of characters, by name: those of this module and of the game's own assemblies. They are looked for once, at start.</summary>
internal sealed class IntentCatalog
{
    /// <summary>Finds the intents.</summary>
    /// <exception cref="InvalidOperationException">Two have the same name or address, or one can't be made.</exception>
    public IntentCatalog(Rulebook rulebook, IEnumerable<Assembly> assemblies)
    {
        All = [.. assemblies.Prepend(typeof(IntentCatalog).Assembly).Distinct().SelectMany(Find).OrderBy(intent => intent.Name, StringComparer.Ordinal)];
        RefuseDoubles(intent => intent.Name);
        RefuseDoubles(intent => $"{intent.Method} {intent.Route}");
        Handlers = [.. All.Select(intent => new IntentHandling(intent, rulebook))];
    }

    public IReadOnlyList<CharacterIntent> All { get; }

    /// <summary>The same, as the engine takes them.</summary>
    public IReadOnlyList<IIntent> Handlers { get; }

    private static IEnumerable<CharacterIntent> Find(Assembly assembly) => assembly.GetTypes()
        .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(CharacterIntent)))
        .Select(type => (CharacterIntent)(Activator.CreateInstance(type) ?? throw new InvalidOperationException($"The intent {type.Name} can't be made.")));

    private void RefuseDoubles(Func<CharacterIntent, string> what)
    {
        if (All.GroupBy(what, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new InvalidOperationException($"Several intents of characters have '{same.Key}': {string.Join(", ", same.Select(intent => intent.GetType().Name))}.");
    }
}
