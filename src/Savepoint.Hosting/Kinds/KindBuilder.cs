using System.Diagnostics.CodeAnalysis;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Hosting;

/// <summary>
/// Puts a kind of entities together from parts, each a class of its own: what it is told of here is made once, when the server starts, by the services that it is
/// registered with; a part that is registered itself is taken from there.
/// </summary>
public sealed class KindBuilder
{
    private readonly string _name;
    private readonly bool _isOwnedBySavepoint;
    private readonly List<Func<IServiceProvider, IPopulator>> _populators = [];
    private readonly List<Func<IServiceProvider, object>> _hooks = [];
    private readonly List<Func<IServiceProvider, ITemplateMigration>> _migrations = [];
    private readonly List<Func<IServiceProvider, IIntent>> _intents = [];
    private readonly Dictionary<string, IntentHandler> _handlers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PropertyDurability> _durability = new(StringComparer.Ordinal);
    private Template? _template;
    private int _templateVersion;
    private Action<KindSchemaBuilder, Template>? _schema;
    private DocumentLimits _limits = DocumentLimits.Default;
    private Func<string, string> _owner = Kind.OwnerIsWholeId;
    private bool _sessionsExclude = true;
    private bool _isSecret;
    private KindAccess _access = KindAccess.Default;

    internal KindBuilder(string name, bool isOwnedBySavepoint) => (_name, _isOwnedBySavepoint) = (name, isOwnedBySavepoint);

    /// <summary>Says what new documents start from; populators add to it.</summary>
    /// <param name="template">The template.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Template(Template template)
    {
        _template = template;
        return this;
    }

    /// <summary>Adds a section to the template. No two may give the same property, else the server does not start.</summary>
    /// <typeparam name="T">The section.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Populator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPopulator
    {
        _populators.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Says to which template version documents are migrated.</summary>
    /// <param name="version">The version; 0 where the kind does not count.</param>
    /// <returns>This builder.</returns>
    public KindBuilder TemplateVersion(int version)
    {
        _templateVersion = version;
        return this;
    }

    /// <summary>Adds the step from one template version to the next; in any order.</summary>
    /// <typeparam name="T">The step.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Migration<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ITemplateMigration
    {
        _migrations.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds the step from one template version to the next; in any order.</summary>
    /// <param name="from">The version that it starts from.</param>
    /// <param name="migrate">Writes what changes; null where nothing does but the number.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Migration(int from, Action<HookContext>? migrate)
    {
        _migrations.Add(_ => new TemplateMigration(from, migrate));
        return this;
    }

    /// <summary>Adds a hook. Hooks run in the order in which they were added.</summary>
    /// <typeparam name="T">The hook: an <see cref="ICreatedHook"/>, <see cref="ILoadedHook"/> or <see cref="IUnloadingHook"/>, or several of them.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Hook<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class
    {
        _hooks.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds an intent.</summary>
    /// <typeparam name="T">The intent.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Intent<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IIntent
    {
        _intents.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds an intent.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="handler">What it does.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Intent(string name, IntentHandler handler)
    {
        _handlers.Add(name, handler);
        return this;
    }

    /// <summary>Adds intents that were made already.</summary>
    /// <param name="intents">The intents.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Intents(IEnumerable<IIntent> intents)
    {
        _intents.AddRange(intents.Select(intent => (Func<IServiceProvider, IIntent>)(_ => intent)));
        return this;
    }

    /// <summary>Says who may do what with the entities; the settings may say otherwise.</summary>
    /// <param name="access">The rules.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Access(KindAccess access)
    {
        _access = access;
        return this;
    }

    /// <summary>Says what documents may hold: the types of the template and no other properties, and what is stated on top.</summary>
    /// <param name="rules">States bounds, lengths and exceptions; null for none.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Strict(Action<KindSchemaBuilder>? rules = null) => Schema((schema, template) => schema.From(template), rules);

    /// <summary>Says what documents may hold: the types of the template, and what is stated on top. They may have other properties.</summary>
    /// <param name="rules">States bounds, lengths and exceptions; null for none.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Schema(Action<KindSchemaBuilder>? rules = null) => Schema((schema, template) => schema.From(template, isStrict: false), rules);

    /// <summary>Says how durable a property is.</summary>
    /// <param name="key">The top-level key.</param>
    /// <param name="durability">How durable.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Durability(string key, PropertyDurability durability)
    {
        _durability[key] = durability;
        return this;
    }

    /// <summary>Says which limits documents keep.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Limits(DocumentLimits limits)
    {
        _limits = limits;
        return this;
    }

    /// <summary>Says which part of an id names the owner, whose entities share a shard.</summary>
    /// <param name="owner">Finds it; it must be pure and never change.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Owner(Func<string, string> owner)
    {
        _owner = owner;
        return this;
    }

    /// <summary>Lets others write beside the holder of a session.</summary>
    /// <returns>This builder.</returns>
    public KindBuilder SharedSessions()
    {
        _sessionsExclude = false;
        return this;
    }

    /// <summary>Says that its entities hold secrets, which nobody sees over any edge (<see cref="Kind.IsSecret"/>). Only for kinds that Savepoint itself keeps.</summary>
    /// <returns>This builder.</returns>
    public KindBuilder Secret()
    {
        _isSecret = true;
        return this;
    }

    /// <exception cref="InvalidKindException">Its parts do not fit together, or one of them failed.</exception>
    internal Kind Build(IServiceProvider services)
    {
        var template = _template is null && _populators.Count == 0 ? null : Compose(services);
        object[] hooks = [.. _hooks.Select(make => Make("hook", make, services))];
        if (Array.Find(hooks, hook => hook is not (ICreatedHook or ILoadedHook or IUnloadingHook)) is { } other)
            throw new InvalidKindException($"The kind '{_name}' has the hook {other.GetType().Name}, which is no {nameof(ICreatedHook)}, {nameof(ILoadedHook)} or {nameof(IUnloadingHook)}.");
        return new Kind
        {
            Name = _name,
            IsOwnedBySavepoint = _isOwnedBySavepoint,
            IsSecret = _isSecret,
            Template = template,
            TemplateVersion = _templateVersion,
            Migrations = [.. _migrations.Select(make => Make("migration", make, services)).OrderBy(migration => migration.From)],
            Schema = SchemaOf(template),
            CreatedHooks = [.. hooks.OfType<ICreatedHook>()],
            LoadedHooks = [.. hooks.OfType<ILoadedHook>()],
            UnloadingHooks = [.. hooks.OfType<IUnloadingHook>()],
            Intents = HandlersOf(services),
            Access = _access,
            Durability = _durability,
            Limits = _limits,
            SessionsExclude = _sessionsExclude,
            Owner = _owner,
        };
    }

    private KindBuilder Schema(Action<KindSchemaBuilder, Template> basis, Action<KindSchemaBuilder>? rules)
    {
        _schema = (schema, template) =>
        {
            basis(schema, template);
            rules?.Invoke(schema);
        };
        return this;
    }

    private Template Compose(IServiceProvider services)
    {
        var builder = new TemplateBuilder(_limits);
        foreach (var (key, value) in _template?.CreateDocument().Root ?? new MapValue())
            builder.Set(Documents.Path.Root.Child(key), value);
        foreach (var make in _populators)
        {
            var populator = Make("populator", make, services);
            try
            {
                builder.Add(populator);
            }
            catch (DocumentException refused)
            {
                throw new InvalidKindException($"The template of the kind '{_name}' can't be composed: {populator.GetType().Name}: {refused.Message}", refused);
            }
#pragma warning disable CA1031 // Whatever it is, the server can't start, and somebody has to be told which of the parts it was.
            catch (Exception thrown)
#pragma warning restore CA1031
            {
                throw new InvalidKindException($"The template of the kind '{_name}' can't be composed: {populator.GetType().Name} threw {thrown.GetType().Name}: {thrown.Message}", thrown);
            }
        }

        return builder.Build();
    }

    private KindSchema? SchemaOf(Template? template)
    {
        if (_schema is null)
            return null;
        var builder = new KindSchemaBuilder();
        try
        {
            _schema(builder, template ?? Documents.Template.Empty);
        }
        catch (Exception wrong) when (wrong is ArgumentException or DocumentException)
        {
            throw new InvalidKindException($"The schema of the kind '{_name}' is wrong: {wrong.Message}", wrong);
        }

        return builder.Build();
    }

    private Dictionary<string, IntentHandler> HandlersOf(IServiceProvider services)
    {
        var intents = new Dictionary<string, IntentHandler>(_handlers, StringComparer.Ordinal);
        foreach (var intent in _intents.Select(make => Make("intent", make, services)))
        {
            if (!intents.TryAdd(intent.Name, intent.Handle))
                throw new InvalidKindException($"The kind '{_name}' has two intents of the name '{intent.Name}'; one of them is {intent.GetType().Name}.");
        }

        return intents;
    }

    private T Make<T>(string part, Func<IServiceProvider, T> make, IServiceProvider services)
    {
        try
        {
            return make(services);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            throw new InvalidKindException($"A {part} of the kind '{_name}' can't be made: {thrown.Message}", thrown);
        }
    }
}
