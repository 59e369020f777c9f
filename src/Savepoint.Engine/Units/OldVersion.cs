using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Engine.Units;

/// <summary>What an old version held, or why it can't be read.</summary>
/// <param name="Document">Its canonical bytes; null when it was a removal, or can't be read.</param>
/// <param name="Refusal">Why it can't be read; null when it can.</param>
internal sealed record OldVersion(byte[]? Document, Refusal? Refusal)
{
    /// <summary>What the repair of an entity goes on from; null where none is made.</summary>
    public RepairBase? Base { get; init; }

    // What was accepted once may be brought back, also when a limit was lowered since.
    private static readonly DocumentLimits Form = new()
    {
        MaxDepth = DocumentLimits.DepthCeiling,
        MaxKeyLength = DocumentLimits.KeyLengthCeiling,
        MaxDocumentBytes = 1 << 28,
        MaxListLength = 1 << 24,
        MaxMapLength = 1 << 24,
        MaxDeltaBytes = 1 << 29,
        MaxDeltaOperations = 1 << 24,
    };

    /// <summary>
    /// Writes the delta that leads from a document to this version's. Savepoint's own properties stay as they are, but for the template version: a document that
    /// was written before a migration has to be migrated again.
    /// </summary>
    public void WriteDelta(Document present, DeltaWriter delta)
    {
        var old = Decode();
        foreach (var (key, _) in present.Root)
        {
            if (!old.Root.ContainsKey(key) && !IsKept(key))
                delta.Remove(Documents.Path.Root.Child(key));
        }

        foreach (var (key, value) in old.Root)
        {
            if (!IsKept(key) && (!present.Root.TryGet(key, out var now) || now != value))
                delta.Set(Documents.Path.Root.Child(key), value);
        }
    }

    /// <summary>Applies a delta of this version to a document.</summary>
    /// <returns>Whether the document is now this version's, byte for byte, but for what is kept.</returns>
    public bool TryApply(Document document, ReadOnlySpan<byte> delta, UndoLog undo) =>
        Delta.TryApply(document, delta, Form, undo) == DocumentError.None && (document.ToBytes().AsSpan().SequenceEqual(Document) || IsSameButForKept(document));

    /// <summary>Its document, which is nobody else's.</summary>
    public Document Decode() => Documents.Document.Decode(Document, Form);

    private static bool IsKept(string key) => ReservedKeys.Is(key) && key != ReservedKeys.Template;

    private bool IsSameButForKept(Document document) => Others(document).SequenceEqual(Others(Decode()));

    private static IEnumerable<KeyValuePair<string, Value>> Others(Document document) => document.Root.Where(property => !IsKept(property.Key));
}
