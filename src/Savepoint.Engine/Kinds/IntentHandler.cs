using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// Decides what an intent changes: writes operations to the context's delta and returns null, or returns a stable code that says why not.
/// It must be pure: no I/O, no waiting, no clock but the context's. What it throws refuses the unit and changes nothing.
/// </summary>
public delegate string? IntentHandler(IntentContext context);

/// <summary>What an intent's handler may look at.</summary>
public sealed class IntentContext
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The document as it is now; the handler must not keep it.</summary>
    public required Document Document { get; init; }

    /// <summary>The version as it is now.</summary>
    public required long Version { get; init; }

    /// <summary>The arguments.</summary>
    public required Document Arguments { get; init; }

    /// <summary>Who asks.</summary>
    public required string Actor { get; init; }

    /// <summary>The present time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Takes the changes.</summary>
    public required DeltaWriter Delta { get; init; }
}
