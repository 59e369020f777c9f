using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Server.Configuration;

namespace Savepoint.Server.Composition;

/// <summary>The kinds of a server: those that were added in code, and those that the settings name besides.</summary>
internal static class ServerKinds
{
    /// <exception cref="InvalidKindException">One of them can't be put together.</exception>
    public static KindRegistry From(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<SavepointOptions>();
        var kinds = provider.GetServices<Kind>().ToList();
        var ofModules = provider.GetServices<ModuleKind>().Select(kind => kind.Name).ToHashSet(StringComparer.Ordinal);
        if (options.Kinds.FirstOrDefault(ofModules.Contains) is { } taken)
            throw new InvalidKindException($"{SavepointOptions.Section}:Kinds names '{taken}', which a module brings along: leave that module out (characters: {SavepointOptions.Section}:Characters:Enabled=false), or give the kind another name.");
        if (kinds.GroupBy(kind => kind.Name).FirstOrDefault(named => named.Count() > 1 && ofModules.Contains(named.Key)) is { } twice)
            throw new InvalidKindException($"The kind '{twice.Key}' was added in code, and a module brings one along too: leave that module out (characters: {SavepointOptions.Section}:Characters:Enabled=false), or give the kind another name.");

        // The default is for those who say nothing. What modules add says nothing of the game.
        if (!options.HasDefaultKinds || kinds.TrueForAll(kind => kind.IsOwnedBySavepoint || ofModules.Contains(kind.Name)))
            kinds.AddRange(options.Kinds.Where(name => !kinds.Exists(kind => kind.Name == name)).Select(name => new Kind { Name = name }).ToList());
        try
        {
            return new KindRegistry(kinds);
        }
        catch (ArgumentException wrong)
        {
            throw new InvalidKindException(wrong.Message, wrong);
        }
    }
}
