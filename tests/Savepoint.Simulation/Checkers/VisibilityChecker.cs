using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
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
            if (Ledger.Units.IsPromised(mutation.Key, versions[i]))
                newest = versions[i];
            Require((newest ?? 0) >= versions[i], "I2", $"{operation} was answered with {versions[i]} of {mutation.Key} while {newest ?? 0} is committed");
            if (mutation.Kind == MutationKind.Restore && entity?.Version >= versions[i])
                CheckRollback(operation, mutation, entity!, versions[i]);
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

        var committed = entity.Versions[(int)snapshot.Version - 1].Document;
        if (asked != 0)
            RequireSame(snapshot.Key, snapshot.Version, snapshot.Document, committed);
        else if (!snapshot.IsResumed)
            RequireDurableSame(snapshot.Key, snapshot.Version, snapshot.Document, committed);
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
        var age = AgeOf(entity, asked);
        Require(age > retention - ClockError, "I3", $"version {asked} of {key} held until {age} ago and can't be read");
    }

    public override void OnListed(VersionListing listing, long committedBefore, VersionPage? page, Refusal? refusal)
    {
        if (page is null)
        {
            Require(refusal!.Code != RefusalCode.NotFound || committedBefore == 0, "I3", $"{listing.Key} has {committedBefore} versions, and none was found to list");
            return;
        }

        var entity = Ledger.Find(listing.Key)!;
        foreach (var version in page.Versions)
        {
            if (version.Version > entity.Version)
                Fail("I2", $"version {version.Version} of {listing.Key} was listed while {entity.Version} is committed");
            else
                CheckListed(listing, entity, version);
        }

        if (listing is { From: null, Until: null })
            CheckComplete(listing, committedBefore, page, entity);
    }

    private void CheckListed(VersionListing listing, LedgerEntity entity, VersionInfo listed)
    {
        var committed = entity.Versions[(int)listed.Version - 1];
        var isSame = listed.IsRemoval == committed.Document is null
            && (!listed.HasRecord
                || (listed.At == committed.At && listed.Actor == committed.Actor && listed.EventType == committed.EventType && listed.DeltaBytes == committed.DeltaBytes));
        Require(isSame, "I3", $"{listed} of {entity.Key} was listed; committed was {committed}");
        var isAskedFor = listed.Version >= listing.FromVersion && (listing.ToVersion == 0 || listed.Version <= listing.ToVersion)
            && !(listed.At < listing.From) && !(listed.At >= listing.Until);
        Require(isAskedFor, "I3", $"{listed} of {entity.Key} was listed, which was not asked for");
        var age = AgeOf(entity, listed.Version);
        Require(listed.IsReadable || age > retention - ClockError, "I3", $"version {listed.Version} of {entity.Key} held until {age} ago and was listed as unreadable");
    }

    /// <summary>What a page leaves out between its ends is past retention, and what it has is in order.</summary>
    private void CheckComplete(VersionListing listing, long committedBefore, VersionPage page, LedgerEntity entity)
    {
        var listed = page.Versions.Select(version => version.Version).ToList();
        var known = Math.Max(committedBefore, listed.Count == 0 ? 0 : listed.Max());
        var highest = listing.ToVersion == 0 ? known : Math.Min(listing.ToVersion, known);
        var lowest = Math.Max(listing.FromVersion, 1);
        if (listing.IsOldestFirst)
            (lowest, highest) = (Math.Max(lowest, listing.Position.Version), page.Next is { } next ? next.Version - 1 : highest);
        else
            (lowest, highest) = (page.Next is { } next ? next.Version + 1 : lowest, listing.Position.Version == 0 ? highest : Math.Min(highest, listing.Position.Version));

        Require(listed.Order().Distinct().SequenceEqual(listing.IsOldestFirst ? listed : Enumerable.Reverse(listed)), "I3", $"versions of {entity.Key} were listed out of order");
        for (var version = lowest; version <= Math.Min(highest, entity.Version); version++)
        {
            if (listed.Contains(version))
                continue;
            var age = AgeOf(entity, version);
            Require(age > retention - ClockError, "I3", $"version {version} of {entity.Key} held until {age} ago and was not listed");
        }
    }

    private void CheckRollback(Operation operation, in Mutation mutation, LedgerEntity entity, long version)
    {
        var made = entity.Versions[(int)version - 1];
        RequireSame(entity.Key, version, made.Document, entity.Versions[(int)mutation.RestoredVersion - 1].Document);
        Require(made.EventType == RollbackEvent.To(mutation.RestoredVersion), "I3", $"{operation} made version {version} of {entity.Key}, which the journal calls {made.EventType}");
    }

    /// <summary>How long ago the next version took its place.</summary>
    private TimeSpan AgeOf(LedgerEntity entity, long version) =>
        Time.GetUtcNow() - entity.Versions[(int)Math.Min(version, entity.Version - 1)].CommittedAt;

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
        else if (refusal.Code == RefusalCode.VersionNotFound && mutation.RestoredVersion <= first)
        {
            var age = AgeOf(entity!, mutation.RestoredVersion);
            Require(age > retention - ClockError, "I3", $"{operation} was refused for a version that held until {age} ago");
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
