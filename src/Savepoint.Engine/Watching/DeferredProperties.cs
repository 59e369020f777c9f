using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Watching;

/// <summary>
/// Properties that are less than Durable. Changes of Deferred ones stay in an overlay, unversioned, until the save interval ends or a durable
/// change takes them along; changes of Transient ones are only pushed.
/// </summary>
internal static class DeferredProperties
{
    /// <summary>The canonical bytes of an entity as its readers see it, or null when it does not exist.</summary>
    public static byte[]? Encode(Entity entity) => Present(entity)?.ToBytes();

    /// <summary>The document as its readers see it: with the overlay, where there is one.</summary>
    public static Document? Present(Entity entity)
    {
        if (entity.Document is null || entity.Extras?.Overlay is not { Values.Root.Count: > 0 } overlay)
            return entity.Document;
        var present = entity.Document.Clone();
        Delta.Apply(present, Sets(overlay).WrittenSpan, entity.Kind.Limits);
        return present;
    }

    /// <summary>The overlay as a delta.</summary>
    public static DeltaWriter Sets(DeferredOverlay overlay)
    {
        var sets = new DeltaWriter();
        foreach (var (key, value) in overlay.Values.Root)
            sets.Set(Documents.Path.Root.Child(key), value);
        return sets;
    }

    /// <summary>Applies a mutation of an entity that has such properties, in a way that can be taken back.</summary>
    /// <param name="entity">The entity, whose document exists.</param>
    /// <param name="plan">Has the delta asked for; gets the one to journal and the one to push.</param>
    /// <param name="undo">Takes the way back.</param>
    /// <param name="mayDefer">Whether the change may do without a record: nothing else of its unit needs one.</param>
    /// <param name="now">In ticks of the engine's clock.</param>
    /// <param name="at">The time of day.</param>
    public static DocumentError Apply(Entity entity, ref MutationPlan plan, UndoLog undo, bool mayDefer, long now, DateTimeOffset at)
    {
        var limits = entity.Kind.Limits;
        var error = Delta.Validate(plan.Delta.Span, limits);
        if (error != DocumentError.None)
            return error;
        var (durable, deferred, transient) = Split(plan.Delta.Span, entity.Kind);
        if (durable.IsEmpty && !plan.Created && mayDefer && !RemovesWhole(deferred))
        {
            var pushed = new DeltaWriter();
            pushed.Append(deferred.WrittenSpan);
            pushed.Append(transient.WrittenSpan);
            plan.Unversioned = pushed.ToArray();
            plan.Delta = default;
            plan.IsDeferred = true;
            return deferred.IsEmpty ? DocumentError.None : Defer(entity, deferred, undo, now, ref plan);
        }

        var merged = entity.Extras?.Overlay is { } overlay ? Sets(overlay) : new DeltaWriter();
        merged.Append(durable.WrittenSpan);
        merged.Append(deferred.WrittenSpan);
        plan.Delta = merged.ToArray();
        plan.Unversioned = transient.IsEmpty ? null : transient.ToArray();
        plan.MergesOverlay = true;
        if (!plan.Created)
            plan.KeepBefore(at);
        return Delta.TryApply(entity.Document!, plan.Delta.Span, limits, undo);
    }

    /// <summary>An overlay can't say that a property is gone.</summary>
    private static bool RemovesWhole(DeltaWriter deferred)
    {
        foreach (var operation in new DeltaReader(deferred.WrittenSpan))
        {
            if (operation.Kind == OperationKind.Remove && operation.Path.Count == 1)
                return true;
        }

        return false;
    }

    private static DocumentError Defer(Entity entity, DeltaWriter deferred, UndoLog undo, long now, ref MutationPlan plan)
    {
        var extras = entity.NeedExtras();
        var overlay = extras.Overlay ?? new DeferredOverlay { Since = now };
        var error = Defer(entity, overlay, deferred, undo);
        if (error != DocumentError.None)
            return error;
        plan.MakesOverlay = extras.Overlay is null;
        extras.Overlay = overlay;
        return DocumentError.None;
    }

    private static DocumentError Defer(Entity entity, DeferredOverlay overlay, DeltaWriter deferred, UndoLog undo)
    {
        var limits = entity.Kind.Limits;
        foreach (var operation in new DeltaReader(deferred.WrittenSpan))
        {
            var key = operation.Path.First.ToSegment().Key!;
            if (overlay.Values.Root.ContainsKey(key) || !entity.Document!.Root.TryGet(key, out var value))
                continue;
            var copy = new DeltaWriter();
            copy.Set(Documents.Path.Root.Child(key), value.DeepClone());
            var copied = Delta.TryApply(overlay.Values, copy.WrittenSpan, limits, undo);
            if (copied != DocumentError.None)
                return copied;
        }

        var error = Delta.TryApply(overlay.Values, deferred.WrittenSpan, limits, undo);
        return error == DocumentError.None && entity.Document!.EncodedSize + overlay.Values.EncodedSize > limits.MaxDocumentBytes
            ? DocumentError.TooLarge
            : error;
    }

    private static (DeltaWriter Durable, DeltaWriter Deferred, DeltaWriter Transient) Split(ReadOnlySpan<byte> delta, Kind kind)
    {
        var (durable, deferred, transient) = (new DeltaWriter(), new DeltaWriter(), new DeltaWriter());
        foreach (var operation in new DeltaReader(delta))
        {
            var first = operation.Path.Count == 0 ? null : operation.Path.First.ToSegment().Key;
            var durability = first is not null && kind.Durability.TryGetValue(first, out var found) ? found : PropertyDurability.Durable;
            (durability switch
            {
                PropertyDurability.Deferred => deferred,
                PropertyDurability.Transient => transient,
                _ => durable,
            }).Append(operation);
        }

        return (durable, deferred, transient);
    }
}
