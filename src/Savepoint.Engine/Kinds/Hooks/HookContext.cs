using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>What a hook or a migration may look at.</summary>
public sealed class HookContext
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The document as the hooks before have left it; it must not be kept.</summary>
    public required Document Document { get; init; }

    /// <summary>The version; 0 of an entity that is being made.</summary>
    public required long Version { get; init; }

    /// <summary>The present time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Takes the changes.</summary>
    public required DeltaWriter Delta { get; init; }
}
