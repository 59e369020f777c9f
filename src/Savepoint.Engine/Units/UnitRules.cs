using Savepoint.Engine.Kinds;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Users;

namespace Savepoint.Engine.Units;

/// <summary>What can be said of a unit without looking at any state.</summary>
internal static class UnitRules
{
    /// <summary>Of the other texts that are journaled with records, in UTF-16 units.</summary>
    public const int MaxNameLength = 256;

    /// <summary>An actor may be an id of any length with a role before it: <c>player:…</c>.</summary>
    public const int MaxActorLength = EntityKey.MaxIdLength + 64;

    public static Refusal? Check(Unit unit, EngineContext context)
    {
        var options = context.Options;
        var mutations = unit.Mutations;
        if (mutations.Length == 0 || mutations.Length > options.MaxMutationsPerUnit)
            return Invalid($"a unit has 1 to {options.MaxMutationsPerUnit} mutations");
        if (unit.Reason is { Length: > Unit.MaxReasonLength })
            return Invalid($"a reason has at most {Unit.MaxReasonLength} characters");
        if (unit.Actor.Length > MaxActorLength)
            return Invalid($"an actor has at most {MaxActorLength} characters");
        if (unit.CorrelationId is { Length: > MaxNameLength })
            return Invalid($"a correlation id has at most {MaxNameLength} characters");
        if (unit.Writer != Guid.Empty && (unit.Request <= 0 || unit.ReceivedThrough >= BatchPart.RequestOf(unit.Request) || unit.ReceivedThrough < 0))
            return Invalid("a request number is above 0 and above what was received");

        for (var i = 0; i < mutations.Length; i++)
        {
            if (Check(mutations[i], options, context.Kinds) is { } refusal)
                return refusal with { Mutation = i, Key = mutations[i].Key };
            if (mutations[i].Repairs && unit is Spanning.UnitPart)
                return Invalid("a repair is in no unit over several nodes or databases") with { Mutation = i, Key = mutations[i].Key };
            if (IsRepeated(mutations, i))
                return Invalid("an entity stands twice in the unit") with { Mutation = i, Key = mutations[i].Key };
        }

        // A part of a unit has not all that belongs together; the whole was looked at before.
        return unit is not Spanning.UnitPart && TagPairs.Check(mutations) is { } unpaired ? Invalid(unpaired) : null;
    }

    /// <summary>What can be said of an opening without looking at any state.</summary>
    public static Refusal? Check(SessionHolder holder, KindRegistry kinds)
    {
        if (kinds.TryGet(holder.Key.Kind, out var kind) && kind.IsClosed)
            return Invalid($"entities of the kind '{kind.Name}' have no sessions") with { Key = holder.Key };
        if (holder.Name.Length > MaxNameLength)
            return Invalid($"a holder's name has at most {MaxNameLength} characters") with { Key = holder.Key };
        return holder.Request < 0 || holder.ReceivedThrough < 0 || (holder.Request > 0 && holder.ReceivedThrough >= holder.Request)
            ? Invalid("a request number is above what was received") with { Key = holder.Key }
            : null;
    }

    public static Refusal? CheckKey(in EntityKey key, KindRegistry kinds)
    {
        if (key.Id is not { Length: > 0 and <= EntityKey.MaxIdLength } || !IsText(key.Id))
            return Invalid($"an id has 1 to {EntityKey.MaxIdLength} characters of valid Unicode without NUL");
        return kinds.TryGet(key.Kind ?? "", out _) ? null : new Refusal(RefusalCode.UnknownKind);
    }

    public static Refusal Invalid(string detail) => new(RefusalCode.InvalidRequest) { Detail = detail };

    private static Refusal? Check(in Mutation mutation, EngineOptions options, KindRegistry kinds)
    {
        if (CheckKey(mutation.Key, kinds) is { } refusal)
            return refusal;
        if (mutation.Payload.Length > options.MaxMutationBytes)
            return new Refusal(RefusalCode.Document) { DocumentError = Documents.DocumentError.TooLarge };
        if (mutation.Session < 0 || mutation.ExpectedVersion < Mutation.AnyVersion)
            return Invalid("session numbers and versions are not negative");
        kinds.TryGet(mutation.Key.Kind, out var kind);
        if (kind!.IsClosed && mutation.Kind != MutationKind.Intent && !(mutation.Kind == MutationKind.Erase && kind.IsErasable))
            return Invalid($"entities of the kind '{kind.Name}' change by their own intents only");
        if (mutation.Repairs)
            return CheckRepair(mutation);
        return mutation.Kind switch
        {
            MutationKind.EndSession when mutation.Session == 0 => Invalid("ending a session takes its number"),
            MutationKind.Intent when mutation.Intent is null => Invalid("an intent has a name"),
            MutationKind.Restore when mutation.RestoredVersion is <= 0 or Mutation.NewestVersion => Invalid("versions count from 1"),
            > MutationKind.Erase => Invalid("this kind of mutation is not known"),
            _ => null,
        };
    }

    private static Refusal? CheckRepair(in Mutation mutation) => mutation.Kind switch
    {
        not (MutationKind.Restore or MutationKind.Remove) => Invalid("a repair restores or removes"),
        _ when mutation.Session != 0 || mutation.ProcessedMessages is { Length: > 0 } => Invalid("a repair is under no session"),
        MutationKind.Restore when mutation.RestoredVersion < 0 || (mutation.RestoredVersion == 0 && mutation.Payload.IsEmpty) => Invalid("versions count from 1"),
        _ => null,
    };

    /// <summary>An entity may come once, and once more to end its session, where it is not removed or may be.</summary>
    private static bool IsRepeated(Mutation[] mutations, int index)
    {
        for (var i = 0; i < index; i++)
        {
            if (mutations[i].Key == mutations[index].Key
                && (mutations[index].Kind != MutationKind.EndSession || mutations[i].Kind is MutationKind.EndSession or MutationKind.Remove or MutationKind.Restore or MutationKind.Erase))
                return true;
        }

        return false;
    }

    private static bool IsText(string id)
    {
        if (System.Text.Ascii.IsValid(id))
            return !id.Contains('\0');
        for (var i = 0; i < id.Length; i++)
        {
            if (id[i] == 0)
                return false;
            if (!char.IsSurrogate(id[i]))
                continue;
            if (i + 1 == id.Length || !char.IsSurrogatePair(id[i], id[i + 1]))
                return false;
            i++;
        }

        return true;
    }
}
