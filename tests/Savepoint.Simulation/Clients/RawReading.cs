using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>One reading of an entity.</summary>
internal sealed class RawReading : EntityReading
{
    private readonly History _history;
    private readonly string _node;
    private readonly Action<RawReading> _answer;

    public RawReading(History history, string node, Action<RawReading> answer)
    {
        (_history, _node, _answer) = (history, node, answer);
        history.Backlog.Arrived(node);
    }

    public EntitySnapshot Snapshot { get; private set; }

    public Refusal? Refusal { get; private set; }

    protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        _history.Backlog.Answered(_node);
        (Snapshot, Refusal) = (snapshot, refusal);
        if (refusal is null)
            _history.Shown(_node, snapshot, Version);
        else
            _history.NotShown(_node, Key, Version, refusal);
        _answer(this);
    }
}
