using Savepoint.Engine.Kinds;

namespace Savepoint.Hosting;

/// <summary>Chooses the parts of a server. What was registered before stays.</summary>
/// <param name="services">Where the parts are registered.</param>
public sealed class SavepointBuilder(IServiceCollection services)
{
    /// <summary>Where the parts are registered.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Adds a kind of entities. It takes the place of the default one, and of one that the settings name likewise.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>This builder.</returns>
    public SavepointBuilder AddKind(Kind kind)
    {
        Services.AddSingleton(kind);
        return this;
    }

    /// <summary>Adds a kind of entities, put together from parts. It takes the place of the default one, and of one that the settings name likewise.</summary>
    /// <param name="name">Its name; what begins with <c>sp-</c> is Savepoint's own.</param>
    /// <param name="configure">Names its parts.</param>
    /// <returns>This builder.</returns>
    public SavepointBuilder AddKind(string name, Action<KindBuilder> configure) => Add(new KindBuilder(name, isOwnedBySavepoint: false), configure);

    /// <summary>Adds a kind that Savepoint itself keeps; for its modules.</summary>
    /// <param name="name">Its name, which begins with <c>sp-</c>.</param>
    /// <param name="configure">Names its parts; null for none.</param>
    /// <returns>This builder.</returns>
    public SavepointBuilder AddSystemKind(string name, Action<KindBuilder>? configure = null) => Add(new KindBuilder(name, isOwnedBySavepoint: true), configure);

    /// <summary>
    /// Adds a kind of entities that a module brings along. It stands beside the default kind and those that the settings name, none of which may have its name.
    /// </summary>
    /// <param name="name">Its name; what begins with <c>sp-</c> is Savepoint's own.</param>
    /// <param name="configure">Names its parts.</param>
    /// <returns>This builder.</returns>
    public SavepointBuilder AddModuleKind(string name, Action<KindBuilder> configure)
    {
        Services.AddSingleton(new ModuleKind(name));
        return AddKind(name, configure);
    }

    private SavepointBuilder Add(KindBuilder kind, Action<KindBuilder>? configure)
    {
        configure?.Invoke(kind);
        Services.AddSingleton(kind.Build);
        return this;
    }
}
