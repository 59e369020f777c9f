using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Server.Tests.Profiles;

/// <summary>The server's own rules, with a place for a test to step in: between what a request reads and what it submits.</summary>
internal sealed class InterposedAuthorizer : IAuthorizer
{
    private IAuthorizer _inner = null!;

    /// <summary>Called before each submission, with the entity.</summary>
    public Action<EntityKey>? Submitting { get; set; }

    /// <summary>Puts it in its place.</summary>
    public void AddTo(WebApplicationBuilder builder) => builder.Services.AddSingleton<IAuthorizer>(provider =>
    {
        _inner = new KindAuthorizer(provider.GetRequiredService<KindRegistry>());
        return this;
    });

    public Denial? Read(Principal principal, EntityKey key) => _inner.Read(principal, key);

    public PathFilter? Visible(Principal principal, EntityKey key) => _inner.Visible(principal, key);

    public Denial? ReadHistory(Principal principal, EntityKey key) => _inner.ReadHistory(principal, key);

    public Denial? Submit(Principal principal, in Mutation mutation)
    {
        Submitting?.Invoke(mutation.Key);
        return _inner.Submit(principal, mutation);
    }

    public Denial? OpenSession(Principal principal, EntityKey key, ReadOnlySpan<byte> template) => _inner.OpenSession(principal, key, template);
}
