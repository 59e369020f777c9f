using System.Text;
using System.Text.Unicode;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Streams.Requests;

namespace Savepoint.Streams.Incoming;

/// <summary>Reads a unit into the engine's own form. Payloads stay where they are, in the request's copy of the message.</summary>
/// <remarks>The generated classes take about 1 KB of garbage per unit of two mutations; this takes the ids.</remarks>
internal sealed class UnitParser(KindNames kinds, StreamOptions options)
{
    // An id has at most 256 UTF-16 units, of at most three bytes each. What is longer the engine would refuse; it is not worth a string.
    private const int MaxIdBytes = EntityKey.MaxIdLength * 3;
    private const int MaxNameBytes = 256;

    /// <summary>Fills the request from its content.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    /// <exception cref="MalformedFrameException">The content is no valid message.</exception>
    public string? Parse(UnitRequest request)
    {
        var reader = new WireReader(request.Content.Span);
        var count = 0;
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            if (tag == Field.UnitMutation)
                count++;
            reader.Skip(tag);
        }

        if (count == 0 || count > options.MaxMutationsPerUnit)
            return $"A unit has 1 to {options.MaxMutationsPerUnit} mutations.";
        return ParseFields(request, request.TakeMutations(count));
    }

    /// <summary>Reads a batch. A part that can't be read says so, and those behind it are read all the same.</summary>
    /// <returns>Null, or what is wrong with the batch as a whole.</returns>
    /// <exception cref="MalformedFrameException">The content is no valid message.</exception>
    public string? Parse(BatchRequest batch)
    {
        var reader = new WireReader(batch.Content.Span);
        var reason = "";
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            switch (tag)
            {
                case Field.BatchPart:
                    if (batch.Parts.Count == options.MaxPartsPerBatch)
                        return $"A batch has 1 to {options.MaxPartsPerBatch} parts.";
                    ParsePart(batch, reader.ReadSlice());
                    break;
                case Field.BatchReason:
                    if (!TryReadString(reader[reader.ReadSlice()], MaxNameBytes, out reason))
                        return "The reason is too long or no text.";
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        foreach (var part in batch.Parts)
            part.Reason = reason.Length == 0 ? null : reason;
        return batch.Parts.Count == 0 ? $"A batch has 1 to {options.MaxPartsPerBatch} parts." : null;
    }

    private void ParsePart(BatchRequest batch, Slice place)
    {
        var part = batch.AddPart(batch.Content.Span.Slice(place.Start, place.Length));
        try
        {
            part.Problem = ParseMutation(batch.Content, place, ref part.Mutations[0]);
        }
        catch (MalformedFrameException exception)
        {
            part.Problem = exception.Message;
        }
    }

    private string? ParseFields(UnitRequest request, Mutation[] mutations)
    {
        var reader = new WireReader(request.Content.Span);
        var index = 0;
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            switch (tag)
            {
                case Field.UnitMutation:
                    if (ParseMutation(request.Content, reader.ReadSlice(), ref mutations[index++]) is { } problem)
                        return $"Mutation {index - 1}: {problem}";
                    break;
                case Field.UnitReason:
                    var slice = reader.ReadSlice();
                    if (!TryReadString(reader[slice], MaxNameBytes, out var reason))
                        return "The reason is too long or no text.";
                    request.Reason = reason.Length == 0 ? null : reason;
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return null;
    }

    private string? ParseMutation(ReadOnlyMemory<byte> content, Slice place, ref Mutation mutation)
    {
        mutation = default;
        string? kind = null, id = null;
        var hasChange = false;
        var reader = new WireReader(content.Span.Slice(place.Start, place.Length));
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            switch (tag)
            {
                case Field.Kind:
                    var kindBytes = reader[reader.ReadSlice()];
                    if (kindBytes.Length > MaxNameBytes || !Utf8.IsValid(kindBytes))
                        return "the kind is too long or no text.";
                    kind = kinds.Get(kindBytes);
                    break;
                case Field.Id:
                    if (!TryReadString(reader[reader.ReadSlice()], MaxIdBytes, out id))
                        return "the id is too long or no text.";
                    break;
                case Field.Delta:
                    (mutation.Kind, mutation.Payload, hasChange) = (MutationKind.Delta, Part(content, place, reader.ReadSlice()), true);
                    break;
                case Field.Intent:
                    var intent = reader.ReadSlice();
                    if (!TryParseIntent(content, intent.In(place), ref mutation))
                        return "the intent's name is too long or no text.";
                    hasChange = true;
                    break;
                case Field.Remove:
                    (mutation.Kind, hasChange) = (MutationKind.Remove, reader.ReadVarint() != 0);
                    break;
                case Field.Message:
                    (mutation.Kind, mutation.Payload, hasChange) = (MutationKind.Message, Part(content, place, reader.ReadSlice()), true);
                    break;
                case Field.RestoreVersion:
                    if (!TryReadNumber(ref reader, out mutation.RestoredVersion))
                        return "the version to restore is out of range.";
                    (mutation.Kind, hasChange) = (MutationKind.Restore, true);
                    break;
                case Field.ExpectedVersion:
                    if (!TryReadNumber(ref reader, out var expected))
                        return "the expected version is out of range.";
                    mutation.ExpectedVersion = expected;
                    break;
                case Field.Session:
                    if (!TryReadNumber(ref reader, out mutation.Session))
                        return "the session is out of range.";
                    break;
                case Field.ProcessedMessages:
                    if (!TryReadProcessed(reader[reader.ReadSlice()], ref mutation))
                        return "the processed messages are too many or out of range.";
                    break;
                case Field.ProcessedMessage:
                    if (!TryReadNumber(ref reader, out var processed) || mutation.ProcessedMessages?.Length >= options.MaxProcessedMessages)
                        return "the processed messages are too many or out of range.";
                    mutation.ProcessedMessages = [.. mutation.ProcessedMessages ?? [], processed];
                    break;
                case Field.Template:
                    mutation.Template = Part(content, place, reader.ReadSlice());
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        if (string.IsNullOrEmpty(kind) || string.IsNullOrEmpty(id))
            return "it names no entity.";
        mutation.Key = new EntityKey(kind, id);
        return hasChange ? null : "it asks for no change.";
    }

    private static bool TryParseIntent(ReadOnlyMemory<byte> content, Slice place, ref Mutation mutation)
    {
        (mutation.Kind, mutation.Intent, mutation.Payload) = (MutationKind.Intent, "", default);
        var reader = new WireReader(content.Span.Slice(place.Start, place.Length));
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            switch (tag)
            {
                case Field.IntentName:
                    if (!TryReadString(reader[reader.ReadSlice()], MaxNameBytes, out var name))
                        return false;
                    mutation.Intent = name;
                    break;
                case Field.IntentArguments:
                    mutation.Payload = Part(content, place, reader.ReadSlice());
                    break;
                default:
                    reader.Skip(tag);
                    break;
            }
        }

        return true;
    }

    private bool TryReadProcessed(ReadOnlySpan<byte> packed, ref Mutation mutation)
    {
        // Each number takes a byte at least, so the length bounds the list before it is made.
        if (packed.Length > options.MaxProcessedMessages * 10)
            return false;
        var numbers = new List<long>(mutation.ProcessedMessages ?? []);
        var reader = new WireReader(packed);
        while (!reader.IsAtEnd)
        {
            if (!TryReadNumber(ref reader, out var number))
                return false;
            numbers.Add(number);
        }

        mutation.ProcessedMessages = [.. numbers];
        return numbers.Count <= options.MaxProcessedMessages;
    }

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> content, Slice outer, Slice slice) =>
        content.Slice(outer.Start + slice.Start, slice.Length);

    private static bool TryReadNumber(ref WireReader reader, out long number) => (number = (long)reader.ReadVarint()) >= 0;

    private static bool TryReadString(ReadOnlySpan<byte> utf8, int maxBytes, out string text)
    {
        var isValid = utf8.Length <= maxBytes && Utf8.IsValid(utf8);
        text = isValid ? Encoding.UTF8.GetString(utf8) : "";
        return isValid;
    }

    /// <summary>Field numbers and wire types of Unit, Batch, Mutation and Intent in stream.proto.</summary>
    private static class Field
    {
        public const uint UnitMutation = (1 << 3) | 2;
        public const uint UnitReason = (2 << 3) | 2;
        public const uint BatchPart = (1 << 3) | 2;
        public const uint BatchReason = (2 << 3) | 2;
        public const uint Kind = (1 << 3) | 2;
        public const uint Id = (2 << 3) | 2;
        public const uint Delta = (3 << 3) | 2;
        public const uint Intent = (4 << 3) | 2;
        public const uint Remove = 5 << 3;
        public const uint Message = (6 << 3) | 2;
        public const uint ExpectedVersion = 7 << 3;
        public const uint Session = 8 << 3;
        public const uint ProcessedMessages = (9 << 3) | 2;
        public const uint ProcessedMessage = 9 << 3;
        public const uint Template = (10 << 3) | 2;
        public const uint RestoreVersion = 11 << 3;
        public const uint IntentName = (1 << 3) | 2;
        public const uint IntentArguments = (2 << 3) | 2;
    }
}
