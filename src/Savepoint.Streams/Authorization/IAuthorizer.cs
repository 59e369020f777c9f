using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Authorization;

/// <summary>
/// Decides what a principal may do, over the stream and over HTTP. Called for every request, on its way to the engine: it must be quick and must not block.
/// </summary>
public interface IAuthorizer
{
    /// <summary>Whether the principal may read and watch an entity; null when it may.</summary>
    Denial? Read(Principal principal, EntityKey key);

    /// <summary>What of an entity the principal may see, where it may read it; null for all.</summary>
    PathFilter? Visible(Principal principal, EntityKey key);

    /// <summary>Whether the principal may list an entity's versions, and read old ones; null when it may.</summary>
    Denial? ReadHistory(Principal principal, EntityKey key);

    /// <summary>Whether the principal may ask for a mutation; null when it may.</summary>
    Denial? Submit(Principal principal, in Mutation mutation);

    /// <summary>Whether the principal may open a session on an entity; null when it may.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="key">The entity.</param>
    /// <param name="template">The encoded document that it wants a new entity to start from; empty for none.</param>
    Denial? OpenSession(Principal principal, EntityKey key, ReadOnlySpan<byte> template);
}

/// <summary>Why something is not allowed.</summary>
/// <param name="Message">For people.</param>
/// <param name="Path">The path that may not be read or written; null when it is about the whole entity.</param>
public sealed record Denial(string Message, string? Path = null);
