using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>I2 and I3: whatever anybody is shown is in the journal, and is what the journal says.</summary>
internal sealed class VisibilityChecker(TimeSpan retention) : Checker
{
    // The nodes' clocks are off by this much at most.
    private static readonly TimeSpan ClockError = TimeSpan.FromMinutes(2);

    public override void OnAnswered(Operation operation, long[] versions, Refusal? refusal)
    {
        if (refusal is not null)
        {
            CheckRefusal(operation, refusal);
            return;
        }

        for (var i = 0; i < versions.Length; i++)
        {
            ref readonly var mutation = ref operation.Mutations[i];
            var entity = Ledger.Find(mutation.Key);
            var newest = mutation.Kind == MutationKind.Message ? entity?.LastMessage : entity?.Version;
            Require((newest ?? 0) >= versions[i], "I2", $"{operation} was answered with {versions[i]} of {mutation.Key} while {newest ?? 0} is committed");
        }
    }

    public override void OnShown(in EntitySnapshot snapshot, long asked)
    {
        var entity = Ledger.Find(snapshot.Key);
        Require(asked == 0 || snapshot.Version == asked, "I3", $"{snapshot.Key} was shown at {snapshot.Version} instead of {asked}");
        if (snapshot.Version == 0)
            return;
        if (entity is null || entity.Version < snapshot.Version)
        {
            Fail("I2", $"{snapshot.Key} was shown at {snapshot.Version} while {entity?.Version ?? 0} is committed");
            return;
        }

        if (!snapshot.IsResumed)
            RequireDurableSame(snapshot.Key, snapshot.Version, snapshot.Document, entity.Versions[(int)snapshot.Version - 1].Document);
    }

    public override void OnNotShown(EntityKey key, long asked, Refusal refusal)
    {
        if (refusal.Code != RefusalCode.VersionNotFound || Ledger.Find(key) is not { } entity || entity.Version < asked || asked <= 0)
            return;

        if (asked == entity.Version)
        {
            Fail("I3", $"version {asked} of {key} holds still and can't be read");
            return;
        }

        // It held until the next one took its place.
        var age = Time.GetUtcNow() - entity.Versions[(int)asked].CommittedAt;
        Require(age > retention - ClockError, "I3", $"version {asked} of {key} held until {age} ago and can't be read");
    }

    public override void OnPushed(long watch, in EntityChange change, Document? document)
    {
        if (change.Version == 0)
            return;
        var entity = Ledger.Find(change.Key);
        if (entity is null || entity.Version < change.Version)
            Fail("I2", $"{change.Key} was pushed at {change.Version} while {entity?.Version ?? 0} is committed");
        else
            RequireSame(change.Key, change.Version, document?.ToBytes(), entity.Versions[(int)change.Version - 1].Document);
    }

    private void RequireSame(EntityKey key, long version, byte[]? shown, byte[]? committed)
    {
        var isSame = shown is null || committed is null ? shown is null && committed is null : shown.AsSpan().SequenceEqual(committed);
        Require(isSame, "I3", $"version {version} of {key} was shown with another content than was committed");
    }

    /// <summary>Who reads sees Deferred changes ahead of the version that will have them.</summary>
    private void RequireDurableSame(EntityKey key, long version, byte[]? shown, byte[]? committed)
    {
        if (GameKinds.HasOverlay(key))
            RequireSame(key, version, DurablePart(key, shown), DurablePart(key, committed));
        else
            RequireSame(key, version, shown, committed);
    }

    private static byte[]? DurablePart(EntityKey key, byte[]? document)
    {
        if (document is null)
            return null;
        GameKinds.All.TryGet(key.Kind, out var kind);
        var part = new MapBuilder();
        foreach (var (name, value) in Document.Decode(document).Root)
        {
            if (!kind!.Durability.ContainsKey(name))
                part[name] = value;
        }

        return new Document(part.Build()).ToBytes();
    }

    /// <summary>A refusal tells of a state: there must have been such a committed one between the request and its answer.</summary>
    private void CheckRefusal(Operation operation, Refusal refusal)
    {
        if (refusal.Code == RefusalCode.Internal || refusal.Code == RefusalCode.RequestReused)
        {
            Fail("I4", $"{operation} was refused as {refusal.Code}: {refusal.Detail}");
            return;
        }

        if (refusal.Mutation >= operation.Mutations.Length)
            return;
        ref readonly var mutation = ref operation.Mutations[refusal.Mutation];
        var entity = Ledger.Find(mutation.Key);
        var (first, last) = (entity?.VersionAfter(operation.SentAfter) ?? 0, entity?.Version ?? 0);
        if (refusal.Code == RefusalCode.VersionMismatch)
        {
            var current = refusal.CurrentVersion;

            // One that was removed does not exist, whatever its tombstone has counted.
            var exists = current > 0 && current <= last && entity!.Versions[(int)current - 1].Document is not null;
            Require(
                current >= first && current <= last && mutation.ExpectedVersion != (exists ? current : 0), "I2",
                $"{operation} was refused for version {current} of {mutation.Key}; committed were {first} to {last}");
        }
        else if (refusal is { Code: RefusalCode.Document } && mutation.Kind == MutationKind.Delta && !CouldRefuse(entity, mutation, first, last))
        {
            Fail("I2", $"{operation} was refused ({refusal.DocumentError}), which no committed state of {mutation.Key} from {first} to {last} explains");
        }
    }

    private static bool CouldRefuse(LedgerEntity? entity, in Mutation mutation, long first, long last)
    {
        var delta = mutation.Payload.Span;
        for (var version = first; version <= last; version++)
        {
            var bytes = version == 0 ? null : entity!.Versions[(int)version - 1].Document;
            var document = bytes is null ? GameKinds.NewDocument(entity?.Key ?? mutation.Key) : Document.Decode(bytes);
            if (Delta.TryApply(document, delta, DocumentLimits.Default, new UndoLog()) != DocumentError.None)
                return true;
        }

        return false;
    }
}
