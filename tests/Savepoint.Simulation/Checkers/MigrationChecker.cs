using System.Globalization;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>
/// I4 of migrations: in every version there ever was, the number of the template and what the migration has done come together, and once. And a node of the second
/// release shows nobody what is not migrated.
/// </summary>
/// <param name="isShared">Whether several nodes share the shards.</param>
internal sealed class MigrationChecker(bool isShared) : Checker
{
    public override void OnRead(string node, in EntitySnapshot snapshot, long asked)
    {
        if (asked == 0)
            CheckShown(node, snapshot);
    }

    public override void OnWatchStarted(string node, long watch, in EntitySnapshot snapshot, long fromVersion) => CheckShown(node, snapshot);

    public override void OnEnd()
    {
        foreach (var entity in Ledger.Entities.Where(entity => IsMigrated(entity.Key)))
        {
            for (var i = 0; i < entity.Versions.Count; i++)
                Check(entity, i);
        }
    }

    private static bool IsMigrated(in EntityKey key) => key.Kind is "account" or "thing";

    private void CheckShown(string node, in EntitySnapshot snapshot)
    {
        if (!IsMigrated(snapshot.Key) || snapshot.Document is not { } bytes)
            return;
        var number = int.Parse(node.AsSpan(Node.NamePrefix.Length), CultureInfo.InvariantCulture);
        if (GameKinds.Of(number, isShared) != GameKinds.Second || Document.Decode(bytes).Root.ContainsKey(ReservedKeys.Template))
            return;
        Fail("I4", $"{node} is of the second release, and has shown version {snapshot.Version} of {snapshot.Key}, which is not migrated");
    }

    private void Check(LedgerEntity entity, int index)
    {
        var version = entity.Versions[index];
        if (version.EventType == LoadEvent.MigrationTo(1) && version.Actor != LoadEvent.Actor)
            Fail("I4", $"version {index + 1} of {entity.Key} was migrated by {version.Actor}");
        if (version.Document is not { } bytes)
            return;
        var root = Document.Decode(bytes).Root;
        var isStamped = root.ContainsKey(ReservedKeys.Template);
        var times = root.TryGet(GameKinds.Migrated, out var value) ? value.AsInt64() : 0;
        if (times > 1 || (times == 1 && !isStamped))
            Fail("I4", $"version {index + 1} of {entity.Key} was migrated {times} times and has {(isStamped ? "the number" : "no number")} of its template");
        if (version.EventType == LoadEvent.MigrationTo(1) && (times != 1 || !isStamped))
            Fail("I4", $"version {index + 1} of {entity.Key} is said to be migrated and is not");
    }
}
