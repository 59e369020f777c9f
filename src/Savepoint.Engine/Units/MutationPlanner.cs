using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Loading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Units;

/// <summary>
/// The first half of a unit: checks each mutation against the state and applies it to the document, so that all of it can still be taken back.
/// </summary>
internal sealed class MutationPlanner(EngineContext context)
{
    /// <summary>Plans all mutations of a unit.</summary>
    /// <returns>Why the unit can't be carried out; null when it can.</returns>
    public Refusal? Plan(Unit unit, UnitScratch scratch, DateTimeOffset now)
    {
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            ref readonly var mutation = ref unit.Mutations[i];
            if (Plan(unit, mutation, ref scratch.Plans[i], scratch, now) is { } refusal)
            {
                var entity = scratch.Plans[i].Entity!;
                return refusal with { Mutation = i, Key = mutation.Key, CurrentVersion = scratch.Plans[i].Repair?.Version ?? entity.Version };
            }
        }

        return null;
    }

    /// <summary>Takes back what was applied.</summary>
    public void TakeBack(UnitScratch scratch, int mutations)
    {
        scratch.Undo.RollBackTo(0);
        foreach (ref var plan in scratch.Plans.AsSpan(0, mutations))
        {
            if (plan.Created)
                plan.Entity!.Document = null;

            // Nobody would ever journal it: it is not listed, and would keep its entity in memory for good.
            if (plan.MakesOverlay)
                plan.Entity!.Extras!.Overlay = null;
        }
    }

    private Refusal? Plan(Unit unit, in Mutation mutation, ref MutationPlan plan, UnitScratch scratch, DateTimeOffset now)
    {
        var entity = plan.Entity!;
        if (entity.Extras?.QuarantineError is { } error)
            return mutation.Repairs ? Repair(entity, mutation, ref plan, now) : new Refusal(RefusalCode.Quarantined) { Detail = error };
        if (mutation.Repairs && entity.IsPrepared)
            return UnitRules.Invalid("the entity can be read: there is nothing to repair");
        if (SessionRules.Check(unit, mutation, entity) is { } refusal)
            return refusal;
        if (mutation.ExpectedVersion == Mutation.AnyVersion)
        {
            if (entity.Document is null)
                return new Refusal(RefusalCode.NotFound);
        }
        else if (mutation.ExpectedVersion is { } expected && expected != (entity.Document is null ? 0 : entity.Version))
            return new Refusal(RefusalCode.VersionMismatch) { ExpectedVersion = expected };
        if (CheckProcessed(mutation, entity) is { } unprocessed)
            return unprocessed;

        switch (mutation.Kind)
        {
            case MutationKind.Delta:
                plan.Delta = mutation.Payload;
                return Apply(unit, entity, mutation, ref plan, scratch, now);
            case MutationKind.Intent:
                return RunIntent(unit, mutation, entity, ref plan, scratch, now) ?? Apply(unit, entity, mutation, ref plan, scratch, now);
            case MutationKind.Remove when entity.Document is null:
                return new Refusal(RefusalCode.NotFound);
            case MutationKind.Remove:
                plan.KeepBefore(now);
                plan.Removes = true;
                return null;
            case MutationKind.Erase when entity.Version == (entity.Extras?.ErasedVersion ?? 0):
                return new Refusal(RefusalCode.NotFound);
            case MutationKind.Erase:
                plan.Removes = true;
                return null;
            case MutationKind.Restore:
                return Restore(entity, mutation.Old!, ref plan, scratch, now);
            case MutationKind.Message:
                return PlanMessage(unit, mutation, entity, now, out plan.Message);
            default:
                return null;
        }
    }

    /// <summary>Plans to put something in the place of what can't be read. The entity itself changes with the record, but for its document.</summary>
    private Refusal? Repair(Entity entity, in Mutation mutation, ref MutationPlan plan, DateTimeOffset now)
    {
        var old = mutation.Old!;
        plan.Repair = old.Base;
        if (old.Refusal is { } refusal)
            return refusal;
        if (old.Base is not { } known || known.Entity != entity)
            return new Refusal(RefusalCode.Unavailable) { Detail = "the entity was loaded anew meanwhile", RetryAfter = TimeSpan.FromSeconds(1) };
        if (mutation.ExpectedVersion is { } expected and not Mutation.AnyVersion && expected != known.Version)
            return new Refusal(RefusalCode.VersionMismatch) { ExpectedVersion = expected };
        if (old.Document is null)
            return null;
        entity.Document = old.Decode();
        plan.Created = true;
        return CheckRestored(entity, entity.Document, delta: null, now);
    }

    private static Refusal? CheckProcessed(in Mutation mutation, Entity entity)
    {
        foreach (var processed in mutation.ProcessedMessages ?? [])
        {
            if (mutation.Session == 0)
                return UnitRules.Invalid("only the session's holder processes messages");
            if (entity.Extras?.Messages?.Exists(message => message.Id == processed) != true)
                return UnitRules.Invalid($"there is no unprocessed message {processed}");
        }

        return null;
    }

    /// <summary>Makes the document of an entity that has none.</summary>
    private Refusal? EnsureDocument(Entity entity, in Mutation mutation, ref MutationPlan plan, DateTimeOffset now)
    {
        if (entity.Document is not null)
            return null;
        plan.KeepBefore(now);
        if (NewDocument.Make(entity, mutation.Template, now, out var document) is { } refusal)
            return Counted(refusal);
        entity.Document = document;
        plan.Created = true;
        return null;
    }

    private Refusal? Apply(Unit unit, Entity entity, in Mutation mutation, ref MutationPlan plan, UnitScratch scratch, DateTimeOffset now)
    {
        // Where a change may do without a record, it is for that to say whether it does.
        if (entity.Kind.Durability.Count == 0 && entity.Document is not null && !plan.Created)
            plan.KeepBefore(now);
        if (EnsureDocument(entity, mutation, ref plan, now) is { } refusal)
            return refusal;
        var (document, asked) = (entity.Document!, plan.Delta);
        if (!plan.IsOwn && ReservedKeys.FindTouched(asked.Span, document, entity.Kind.Limits) is { } reserved)
            return Broken(DocumentError.Reserved, reserved);

        var operation = -1;
        var error = entity.Kind.Durability.Count == 0
            ? Delta.TryApply(document, asked.Span, entity.Kind.Limits, scratch.Undo, out operation)
            : DeferredProperties.Apply(entity, ref plan, scratch.Undo, MayDefer(unit), context.CoarseNow, now);
        if (error != DocumentError.None)
            return Broken(error, operation < 0 ? null : Delta.PathOf(asked.Span, operation)?.ToString());
        return entity.Kind.Schema is { } schema ? CheckSchema(schema, entity, plan, asked.Span) : null;
    }

    private static Refusal? CheckSchema(KindSchema schema, Entity entity, in MutationPlan plan, ReadOnlySpan<byte> asked)
    {
        var overlay = plan.MergesOverlay ? null : entity.Extras?.Overlay?.Values;
        return SchemaCheck.Touched(schema, entity.Document!, overlay, asked) is { } fault ? Broken(fault.Error, fault.Path) : null;
    }

    private static Refusal Broken(DocumentError error, string? path) => new(RefusalCode.Document) { DocumentError = error, Path = path };

    private Refusal Counted(Refusal refusal)
    {
        if (refusal.Code == RefusalCode.HookFailed)
            context.Counters.AddFailedHook();
        return refusal;
    }

    private Refusal? Restore(Entity entity, OldVersion old, ref MutationPlan plan, UnitScratch scratch, DateTimeOffset now)
    {
        if (old.Refusal is { } refusal)
            return refusal;
        if (old.Document is null && entity.Document is null)
            return new Refusal(RefusalCode.NotFound);
        plan.KeepBefore(now);
        if (old.Document is null)
        {
            plan.Removes = true;
            return null;
        }

        if (entity.Document is null)
        {
            var document = old.Decode();
            entity.Document = document;
            plan.Created = true;
            return CheckRestored(entity, document, delta: null, now);
        }

        // Watchers have what the overlay holds, and no record has it: one that sets it comes first.
        var delta = entity.Extras?.Overlay is { } overlay ? DeferredProperties.Sets(overlay) : new DeltaWriter();
        old.WriteDelta(DeferredProperties.Present(entity)!, delta);
        plan.Delta = delta.WrittenMemory;
        plan.MergesOverlay = true;
        return old.TryApply(entity.Document, plan.Delta.Span, scratch.Undo)
            ? CheckRestored(entity, entity.Document, plan.Delta, now)
            : new Refusal(RefusalCode.Internal) { Detail = "the delta of a rollback leads elsewhere" };
    }

    /// <summary>What an old version becomes has to fit the schema of today. What migrations and loaded hooks make of it follows in a record of its own.</summary>
    private Refusal? CheckRestored(Entity entity, Document restored, ReadOnlyMemory<byte>? delta, DateTimeOffset now)
    {
        if (EntityPreparer.Try(entity, restored, now, out var prepared) is { } failed)
            return Counted(failed);
        if (entity.Kind.Schema is not { } schema)
            return null;
        var fault = delta is { } touched ? SchemaCheck.Touched(schema, prepared, overlay: null, touched.Span) : SchemaCheck.Whole(schema, prepared);
        return fault is { } found ? Broken(found.Error, found.Path) : null;
    }

    private static bool MayDefer(Unit unit) => unit is not UnitPart && unit.Mutations is [{ ProcessedMessages: null or [] }];

    private Refusal? RunIntent(Unit unit, in Mutation mutation, Entity entity, ref MutationPlan plan, UnitScratch scratch, DateTimeOffset now)
    {
        plan.IsOwn = OwnIntents.TryGet(mutation.Intent!, out var own) && !entity.Kind.IsOwnedBySavepoint;
        var handler = plan.IsOwn ? own : entity.Kind.Intents.GetValueOrDefault(mutation.Intent!);
        if (handler is null)
            return new Refusal(RefusalCode.UnknownIntent) { Detail = mutation.Intent };
        if (plan.IsOwn && entity.Document is null)
            return new Refusal(RefusalCode.NotFound);
        var error = Document.TryDecode(mutation.Payload.Span, entity.Kind.Limits, out var arguments);
        if (error != DocumentError.None)
            return new Refusal(RefusalCode.Document) { DocumentError = error };
        if (EnsureDocument(entity, mutation, ref plan, now) is { } refusal)
            return refusal;

        scratch.Delta.Reset();
        var intent = new IntentContext
        {
            Key = entity.Key,
            Document = DeferredProperties.Present(entity)!,
            Version = entity.Version,
            Arguments = arguments!,
            Actor = unit.Actor,
            Now = now,
            Delta = scratch.Delta,
        };
        if (Run(handler, intent) is { } refused)
            return refused;
        plan.Delta = scratch.Delta.ToArray();
        return null;
    }

    private static Refusal? Run(IntentHandler handler, IntentContext intent)
    {
#pragma warning disable CA1031 // Whatever a handler throws refuses its unit and nothing else.
        try
        {
            return handler(intent) is { } code ? new Refusal(RefusalCode.IntentRefused) { Detail = code } : null;
        }
        catch (DocumentException refused)
        {
            return new Refusal(RefusalCode.Document) { DocumentError = refused.Error, Path = refused.Path?.ToString() };
        }
        catch (Exception thrown)
        {
            return new Refusal(RefusalCode.Internal) { Detail = thrown.GetType().Name };
        }
#pragma warning restore CA1031
    }

    private Refusal? PlanMessage(Unit unit, in Mutation mutation, Entity entity, DateTimeOffset now, out EntityMessage? message)
    {
        message = null;
        if (entity.Document is null)
            return new Refusal(RefusalCode.NotFound);
        if (entity.Extras?.Messages?.Count >= context.Options.MaxMessages)
            return new Refusal(RefusalCode.TooManyMessages);
        var error = Document.TryDecode(mutation.Payload.Span, entity.Kind.Limits, out _);
        if (error != DocumentError.None)
            return new Refusal(RefusalCode.Document) { DocumentError = error };
        message = new EntityMessage((entity.Extras?.LastMessage ?? 0) + 1, mutation.Payload.ToArray(), unit.Actor, now);
        return null;
    }
}
