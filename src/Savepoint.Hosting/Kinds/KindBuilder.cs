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
    private readonly KindParts _parts;

    internal KindBuilder(string name, bool isOwnedBySavepoint) => _parts = new KindParts(name, isOwnedBySavepoint);

    /// <summary>Says what new documents start from; populators add to it.</summary>
    /// <param name="template">The template.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Template(Template template)
    {
        _parts.Template = template;
        return this;
    }

    /// <summary>Adds a section to the template. No two may give the same property, else the server does not start.</summary>
    /// <typeparam name="T">The section.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Populator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IPopulator
    {
        _parts.Populators.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Says to which template version documents are migrated.</summary>
    /// <param name="version">The version; 0 where the kind does not count.</param>
    /// <returns>This builder.</returns>
    public KindBuilder TemplateVersion(int version)
    {
        _parts.TemplateVersion = version;
        return this;
    }

    /// <summary>Adds the step from one template version to the next; in any order.</summary>
    /// <typeparam name="T">The step.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Migration<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, ITemplateMigration
    {
        _parts.Migrations.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds the step from one template version to the next; in any order.</summary>
    /// <param name="from">The version that it starts from.</param>
    /// <param name="migrate">Writes what changes; null where nothing does but the number.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Migration(int from, Action<HookContext>? migrate)
    {
        _parts.Migrations.Add(_ => new TemplateMigration(from, migrate));
        return this;
    }

    /// <summary>Adds a hook. Hooks run in the order in which they were added.</summary>
    /// <typeparam name="T">The hook: an <see cref="ICreatedHook"/>, <see cref="ILoadedHook"/> or <see cref="IUnloadingHook"/>, or several of them.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Hook<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class
    {
        _parts.Hooks.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds an intent.</summary>
    /// <typeparam name="T">The intent.</typeparam>
    /// <returns>This builder.</returns>
    public KindBuilder Intent<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>()
        where T : class, IIntent
    {
        _parts.Intents.Add(ActivatorUtilities.GetServiceOrCreateInstance<T>);
        return this;
    }

    /// <summary>Adds an intent.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="handler">What it does.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Intent(string name, IntentHandler handler)
    {
        _parts.Handlers.Add(name, handler);
        return this;
    }

    /// <summary>Adds intents that were made already.</summary>
    /// <param name="intents">The intents.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Intents(IEnumerable<IIntent> intents)
    {
        _parts.Intents.AddRange(intents.Select(intent => (Func<IServiceProvider, IIntent>)(_ => intent)));
        return this;
    }

    /// <summary>Says who may do what with the entities; the settings may say otherwise.</summary>
    /// <param name="access">The rules.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Access(KindAccess access)
    {
        _parts.Access = access;
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
        _parts.Durability[key] = durability;
        return this;
    }

    /// <summary>Says which limits documents keep.</summary>
    /// <param name="limits">The limits.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Limits(DocumentLimits limits)
    {
        _parts.Limits = limits;
        return this;
    }

    /// <summary>Says which part of an id names the owner, whose entities share a shard.</summary>
    /// <param name="owner">Finds it; it must be pure and never change.</param>
    /// <returns>This builder.</returns>
    public KindBuilder Owner(Func<string, string> owner)
    {
        _parts.Owner = owner;
        return this;
    }

    /// <summary>Lets others write beside the holder of a session.</summary>
    /// <returns>This builder.</returns>
    public KindBuilder SharedSessions()
    {
        _parts.SessionsExclude = false;
        return this;
    }

    /// <summary>Says that its entities hold secrets, which nobody sees over any edge (<see cref="Kind.IsSecret"/>). Only for kinds that Savepoint itself keeps.</summary>
    /// <returns>This builder.</returns>
    public KindBuilder Secret()
    {
        _parts.IsSecret = true;
        return this;
    }

    /// <exception cref="InvalidKindException">Its parts do not fit together, or one of them failed.</exception>
    internal Kind Build(IServiceProvider services) => new KindComposition(_parts, services).Compose();

    private KindBuilder Schema(Action<KindSchemaBuilder, Template> basis, Action<KindSchemaBuilder>? rules)
    {
        _parts.Schema = (schema, template) =>
        {
            basis(schema, template);
            rules?.Invoke(schema);
        };
        return this;
    }
}
