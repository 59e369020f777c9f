using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>I8: once a unit over several nodes is decided, nobody is shown what it will change as it was before; and all of it is carried out in the end.</summary>
internal sealed class UnitChecker : Checker
{
    public override void OnRead(string node, in EntitySnapshot snapshot, long asked)
    {
        // A former owner may not know of it: that is what leases are for.
        if (asked == 0 && Ledger.VersionFor(node, snapshot.Key) > 0)
            Require(!Ledger.Units.IsPromised(snapshot.Key, snapshot.Version + 1), "I8", $"{snapshot.Key} was shown at {snapshot.Version} after a unit was decided that makes the next version");
    }

    public override void OnEnd()
    {
        Require(Ledger.Units.Open == 0, "progress", $"{Ledger.Units.Open} parts of units are held for ever");
        Require(!Ledger.Units.Promised.Any(), "I8", $"not carried out in the end: {string.Join(", ", Ledger.Units.Promised)}");
    }
}
