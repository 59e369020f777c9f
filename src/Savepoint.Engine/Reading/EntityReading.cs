using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Reading;

/// <summary>A wish to read an entity, without a session.</summary>
public abstract class EntityReading
{
    /// <summary>The entity.</summary>
    public required EntityKey Key { get; init; }

    /// <summary>The version to read; 0 for the newest.</summary>
    public long Version { get; init; }

    /// <summary>Called once, when what was read is durable. It must be short, must not block and must not throw.</summary>
    protected internal abstract void Completed(in EntitySnapshot snapshot, Refusal? refusal);
}
