using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>One reading of an entity.</summary>
internal sealed class RawReading(History history, string node, Action<RawReading> answer) : EntityReading
{
    public EntitySnapshot Snapshot { get; private set; }

    public Refusal? Refusal { get; private set; }

    protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        (Snapshot, Refusal) = (snapshot, refusal);
        if (refusal is null)
            history.Shown(node, snapshot, Version);
        else
            history.NotShown(node, Key, Version, refusal);
        answer(this);
    }
}
