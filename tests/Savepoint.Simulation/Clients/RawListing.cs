using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>One listing of versions.</summary>
internal sealed class RawListing(History history, string node, Action<RawListing> answer) : VersionListing
{
    private long _committedBefore;

    public VersionPage? Page { get; private set; }

    public Refusal? Refusal { get; private set; }

    /// <summary>In the node: it has arrived.</summary>
    public RawListing Arrived()
    {
        history.Backlog.Arrived(node);
        _committedBefore = history.Look(ledger => ledger.VersionFor(node, Key));
        return this;
    }

    protected internal override void Completed(VersionPage? page, Refusal? refusal)
    {
        history.Backlog.Answered(node);
        (Page, Refusal) = (page, refusal);
        history.Listed(node, this, _committedBefore, page, refusal);
        answer(this);
    }
}
