using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>I9: what a node holds stays within its limits.</summary>
internal sealed class BoundsChecker(EngineOptions options) : Checker
{
    // Limits are checked before something is added, final saves get twice the room, and one unit may bring many records.
    private const int Room = 3;

    public override void OnLook(string process, EngineSnapshot snapshot)
    {
        Require(snapshot.Fault is null, "fault", $"{process}: {snapshot.Fault}");
        foreach (var database in snapshot.Databases)
        {
            Require(database.QueuedUnits <= Room * options.MaxQueuedUnits, "I9", $"{process} has {database.QueuedUnits} units waiting");
            Require(database.QueuedBytes <= Room * options.MaxQueuedBytes, "I9", $"{process} has {database.QueuedBytes} bytes waiting");
        }

        Require(snapshot.ResidentEntities <= options.MaxResidentEntities, "I9", $"{process} has {snapshot.ResidentEntities} entities in memory");
        Require(snapshot is { QueuedUnits: >= 0, QueuedBytes: >= 0, UncheckpointedRecords: >= 0, Sessions: >= 0, Watchers: >= 0, ResidentEntities: >= 0 }, "I9", $"{process} counts wrong: {snapshot}");
    }
}
