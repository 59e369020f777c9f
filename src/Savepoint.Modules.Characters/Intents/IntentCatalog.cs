using System.Reflection;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>All intents of characters, by name: those of this module and of the game's own assemblies. They are looked for once, at start.</summary>
internal sealed class IntentCatalog
{
    private const int MostNameLetters = 64, MostArguments = 64;

    /// <summary>Takes intents. What would fail with every request, or mean something else, is said now.</summary>
    /// <exception cref="InvalidOperationException">Two have the same name or address, or one can't be served.</exception>
    internal IntentCatalog(Rulebook rulebook, IEnumerable<CharacterIntent> intents)
    {
        All = [.. intents.OrderBy(intent => intent.Definition.Name, StringComparer.Ordinal)];
        foreach (var intent in All)
            Check(intent);
        RefuseDoubles(intent => intent.Definition.Name);
        RefuseDoubles(intent => $"{intent.Definition.Method} {intent.Definition.Route}");
        Handlers = [.. All.Select(intent => new IntentHandling(intent, rulebook))];
    }

    public IReadOnlyList<CharacterIntent> All { get; }

    /// <summary>The same, as the engine takes them.</summary>
    public IReadOnlyList<IIntent> Handlers { get; }

    /// <summary>Finds the intents.</summary>
    /// <param name="rulebook">What their rules look things up in.</param>
    /// <param name="assemblies">Where to look beside this module.</param>
    /// <exception cref="InvalidOperationException">Two have the same name or address, or one can't be made or can't be served.</exception>
    public static IntentCatalog Find(Rulebook rulebook, IEnumerable<Assembly> assemblies) =>
        new(rulebook, assemblies.Prepend(typeof(IntentCatalog).Assembly).Distinct().SelectMany(In));

    private static IEnumerable<CharacterIntent> In(Assembly assembly) => assembly.GetTypes()
        .Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(CharacterIntent)))
        .Select(type => (CharacterIntent)(Activator.CreateInstance(type) ?? throw new InvalidOperationException($"The intent {type.Name} can't be made.")));

    private static void Check(CharacterIntent intent)
    {
        if (Problem(intent) is { } problem)
            throw new InvalidOperationException($"The intent {intent.GetType().Name} {problem}.");
    }

    private static string? Problem(CharacterIntent intent)
    {
        var definition = intent.Definition;
        if (definition.Name is not { Length: > 0 and <= MostNameLetters } name)
            return $"has to have a name, of at most {MostNameLetters} characters: it is the reason in the history";
        if (name is CharacterKind.Make or CharacterKind.Create or CharacterKind.Delete)
            return $"can't be named '{name}', which this module does itself";
        if (!HttpMethods.IsPost(definition.Method) && !HttpMethods.IsPatch(definition.Method))
            return $"has the method '{definition.Method}', and not POST or PATCH";
        if (definition.Route is not ['/', _, ..])
            return $"has the route '{definition.Route}', and not one such as /level-up";
        var arguments = intent.Fields;
        if (arguments.Count > MostArguments)
            return $"has more than {MostArguments} arguments";
        if (arguments.Any(argument => argument.Name == CharacterIntent.Version))
            return $"has an argument '{CharacterIntent.Version}', which is that of the character";
        if (arguments.GroupBy(argument => argument.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"asks for '{twice.Key}' twice";
        return definition.Errors.FirstOrDefault(error => error.Status is < 400 or > 499 || (CharacterErrors.Find(error.Code) is { } known && known != error)) is { } bad
            ? $"has the error '{bad.Code}', which is another of this module's or has a status that is not 400 to 499"
            : null;
    }

    private void RefuseDoubles(Func<CharacterIntent, string> what)
    {
        if (All.GroupBy(what, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new InvalidOperationException($"Several intents of characters have '{same.Key}': {string.Join(", ", same.Select(intent => intent.GetType().Name))}.");
    }
}
