using Savepoint.Engine.Kinds;

namespace Savepoint.Hosting;

/// <summary>Chooses the parts of a server. What was registered before stays.</summary>
/// <param name="services">Where the parts are registered.</param>
public sealed class SavepointBuilder(IServiceCollection services)
{
    /// <summary>Where the parts are registered.</summary>
    public IServiceCollection Services { get; } = services;

    /// <summary>Adds a kind of entities.</summary>
    public SavepointBuilder AddKind(Kind kind)
    {
        Services.AddSingleton(kind);
        return this;
    }
}
