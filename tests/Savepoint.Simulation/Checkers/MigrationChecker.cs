using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Simulation;

/// <summary>I4 of migrations: in every version there ever was, the number of the template and what the migration has done come together, and once.</summary>
internal static class MigrationChecker
{
    /// <summary>Looks at all versions of all entities.</summary>
    public static void Check(Ledger ledger, Verdict verdict)
    {
        foreach (var entity in ledger.Entities.Where(entity => entity.Key.Kind is "account" or "thing"))
        {
            for (var i = 0; i < entity.Versions.Count; i++)
                Check(entity, i, verdict);
        }
    }

    private static void Check(LedgerEntity entity, int index, Verdict verdict)
    {
        var version = entity.Versions[index];
        if (version.EventType == LoadEvent.MigrationTo(1) && version.Actor != LoadEvent.Actor)
            verdict.Fail("I4", $"version {index + 1} of {entity.Key} was migrated by {version.Actor}");
        if (version.Document is not { } bytes)
            return;
        var root = Document.Decode(bytes).Root;
        var isStamped = root.ContainsKey(ReservedKeys.Template);
        var times = root.TryGet(GameKinds.Migrated, out var value) ? value.AsInt64() : 0;
        if (times > 1 || (times == 1 && !isStamped))
            verdict.Fail("I4", $"version {index + 1} of {entity.Key} was migrated {times} times and has {(isStamped ? "the number" : "no number")} of its template");
        if (version.EventType == LoadEvent.MigrationTo(1) && (times != 1 || !isStamped))
            verdict.Fail("I4", $"version {index + 1} of {entity.Key} is said to be migrated and is not");
    }
}
