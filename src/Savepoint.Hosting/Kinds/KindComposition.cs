using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Hosting;

/// <summary>Makes the parts of a kind, and puts them together.</summary>
/// <param name="parts">How to make them.</param>
/// <param name="services">What they are made by.</param>
internal sealed class KindComposition(KindParts parts, IServiceProvider services)
{
    /// <exception cref="InvalidKindException">The parts do not fit together, or one of them failed.</exception>
    public Kind Compose()
    {
        var template = parts.Template is null && parts.Populators.Count == 0 ? null : ComposeTemplate();
        object[] hooks = [.. parts.Hooks.Select(make => Make("hook", make))];
        if (Array.Find(hooks, hook => hook is not (ICreatedHook or ILoadedHook or IUnloadingHook)) is { } other)
            throw new InvalidKindException($"The kind '{parts.Name}' has the hook {other.GetType().Name}, which is no {nameof(ICreatedHook)}, {nameof(ILoadedHook)} or {nameof(IUnloadingHook)}.");
        return new Kind
        {
            Name = parts.Name,
            IsOwnedBySavepoint = parts.IsOwnedBySavepoint,
            IsSecret = parts.IsSecret,
            Template = template,
            TemplateVersion = parts.TemplateVersion,
            Migrations = [.. parts.Migrations.Select(make => Make("migration", make)).OrderBy(migration => migration.From)],
            Schema = ComposeSchema(template),
            CreatedHooks = [.. hooks.OfType<ICreatedHook>()],
            LoadedHooks = [.. hooks.OfType<ILoadedHook>()],
            UnloadingHooks = [.. hooks.OfType<IUnloadingHook>()],
            Intents = ComposeHandlers(),
            Access = parts.Access,
            Durability = parts.Durability,
            Limits = parts.Limits,
            SessionsExclude = parts.SessionsExclude,
            Owner = parts.Owner,
        };
    }

    private Template ComposeTemplate()
    {
        var builder = new TemplateBuilder(parts.Limits);
        foreach (var (key, value) in parts.Template?.CreateDocument().Root ?? new MapValue())
            builder.Set(Documents.Path.Root.Child(key), value);
        foreach (var make in parts.Populators)
        {
            var populator = Make("populator", make);
            try
            {
                builder.Add(populator);
            }
            catch (DocumentException refused)
            {
                throw new InvalidKindException($"The template of the kind '{parts.Name}' can't be composed: {populator.GetType().Name}: {refused.Message}", refused);
            }
#pragma warning disable CA1031 // Whatever it is, the server can't start, and somebody has to be told which of the parts it was.
            catch (Exception thrown)
#pragma warning restore CA1031
            {
                throw new InvalidKindException($"The template of the kind '{parts.Name}' can't be composed: {populator.GetType().Name} threw {thrown.GetType().Name}: {thrown.Message}", thrown);
            }
        }

        return builder.Build();
    }

    private KindSchema? ComposeSchema(Template? template)
    {
        if (parts.Schema is null)
            return null;
        var builder = new KindSchemaBuilder();
        try
        {
            parts.Schema(builder, template ?? Template.Empty);
        }
        catch (Exception wrong) when (wrong is ArgumentException or DocumentException)
        {
            throw new InvalidKindException($"The schema of the kind '{parts.Name}' is wrong: {wrong.Message}", wrong);
        }

        return builder.Build();
    }

    private Dictionary<string, IntentHandler> ComposeHandlers()
    {
        var intents = new Dictionary<string, IntentHandler>(parts.Handlers, StringComparer.Ordinal);
        foreach (var intent in parts.Intents.Select(make => Make("intent", make)))
        {
            if (!intents.TryAdd(intent.Name, intent.Handle))
                throw new InvalidKindException($"The kind '{parts.Name}' has two intents of the name '{intent.Name}'; one of them is {intent.GetType().Name}.");
        }

        return intents;
    }

    private T Make<T>(string part, Func<IServiceProvider, T> make)
    {
        try
        {
            return make(services);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            throw new InvalidKindException($"A {part} of the kind '{parts.Name}' can't be made: {thrown.Message}", thrown);
        }
    }
}
