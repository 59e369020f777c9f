namespace Savepoint.Documents;

/// <summary>
/// Checks and applies deltas: encoded lists of operations, made by <see cref="DeltaWriter"/>. Applied to the document it was made for, a
/// delta gives byte-identical documents everywhere.
/// </summary>
public static class Delta
{
    /// <summary>Checks all that can be seen without a document: form, limits, values. Allocates nothing.</summary>
    /// <param name="delta">Any bytes.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>Why they are refused, or <see cref="DocumentError.None"/>.</returns>
    public static DocumentError Validate(ReadOnlySpan<byte> delta, DocumentLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var reader = new ByteReader(delta);
        var error = OperationReader.ReadHeader(ref reader, limits, out var count);
        for (var i = 0; i < count && error == DocumentError.None; i++)
            error = OperationReader.Read(ref reader, limits, out _);
        return error == DocumentError.None && reader.Remaining > 0 ? DocumentError.Malformed : error;
    }

    /// <summary>Applies a delta in place, or refuses it and leaves the document as it was.</summary>
    /// <param name="document">The document; nobody else may use it meanwhile.</param>
    /// <param name="delta">The delta; any bytes.</param>
    /// <param name="limits">The limits that the document has to keep.</param>
    /// <param name="undo">Takes the way back; after a refusal it is as before.</param>
    /// <returns>Why it was refused, or <see cref="DocumentError.None"/>.</returns>
    public static DocumentError TryApply(Document document, ReadOnlySpan<byte> delta, DocumentLimits limits, UndoLog undo) =>
        TryApply(document, delta, limits, undo, out _);

    /// <summary>Applies a delta in place, or refuses it and leaves the document as it was.</summary>
    /// <param name="document">The document; nobody else may use it meanwhile.</param>
    /// <param name="delta">The delta; any bytes.</param>
    /// <param name="limits">The limits that the document has to keep.</param>
    /// <param name="undo">Takes the way back; after a refusal it is as before.</param>
    /// <param name="failedOperation">The index of the refused operation; −1 when none was, or the delta as a whole is refused.</param>
    /// <returns>Why it was refused, or <see cref="DocumentError.None"/>.</returns>
    public static DocumentError TryApply(
        Document document, ReadOnlySpan<byte> delta, DocumentLimits limits, UndoLog undo, out int failedOperation) =>
        TryApply(document, delta, limits, undo, observer: null, ChangeOrigin.Local, out failedOperation);

    /// <summary>
    /// Applies a delta in place and tells an observer of each change, once all are made; or refuses it, leaves the document as it was and
    /// tells nothing.
    /// </summary>
    /// <param name="document">The document; nobody else may use it meanwhile.</param>
    /// <param name="delta">The delta; any bytes.</param>
    /// <param name="limits">The limits that the document has to keep.</param>
    /// <param name="undo">Takes the way back; after a refusal it is as before.</param>
    /// <param name="observer">Who is told; null for nobody, which costs nothing. What it throws reaches the caller; the changes stay made.</param>
    /// <param name="origin">Where the delta comes from, for the observer.</param>
    /// <param name="failedOperation">The index of the refused operation; −1 when none was, or the delta as a whole is refused.</param>
    /// <returns>Why it was refused, or <see cref="DocumentError.None"/>.</returns>
    public static DocumentError TryApply(
        Document document,
        ReadOnlySpan<byte> delta,
        DocumentLimits limits,
        UndoLog undo,
        IDocumentObserver? observer,
        ChangeOrigin origin,
        out int failedOperation)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(undo);
        var mark = undo.Mark();
        var changes = observer is null ? null : new List<DocumentChange>();
        Span<char> keyBuffer = stackalloc char[limits.MaxKeyLength];
        var applier = new DeltaApplier(delta, new DocumentEditor(document, undo, changes, origin), limits, keyBuffer);
        var error = applier.Run(out failedOperation);
        if (error != DocumentError.None)
            undo.RollBackTo(mark);
        else if (changes is not null)
            Tell(observer!, changes);
        return error;
    }

    /// <summary>Applies a delta in place.</summary>
    /// <param name="document">The document; nobody else may use it meanwhile.</param>
    /// <param name="delta">The delta; any bytes.</param>
    /// <param name="limits">The limits that the document has to keep; null for <see cref="DocumentLimits.Default"/>.</param>
    /// <exception cref="DocumentException">It is refused; the document is as it was. Names the refused operation's path.</exception>
    public static void Apply(Document document, ReadOnlySpan<byte> delta, DocumentLimits? limits = null)
    {
        var error = TryApply(document, delta, limits ?? DocumentLimits.Default, new UndoLog(), out var failed);
        if (error != DocumentError.None)
            throw new DocumentException(error, PathOf(delta, failed));
    }

    /// <summary>The path of one operation, so that a refusal can name it.</summary>
    /// <param name="delta">The delta; any bytes.</param>
    /// <param name="operation">The operation's index.</param>
    /// <returns>The path; null where there is no such operation to be read.</returns>
    public static Path? PathOf(ReadOnlySpan<byte> delta, int operation)
    {
        var reader = new ByteReader(delta);
        if (OperationReader.ReadHeader(ref reader, OperationReader.ReadLimits, out var count) != DocumentError.None || (uint)operation >= (uint)count)
            return null;
        for (; ; operation--)
        {
            if (OperationReader.Read(ref reader, OperationReader.ReadLimits, out var current) != DocumentError.None)
                return null;
            if (operation == 0)
                return current.Path.ToPath();
        }
    }

    private static void Tell(IDocumentObserver observer, List<DocumentChange> changes)
    {
        foreach (var change in changes)
            observer.OnChange(change);
    }
}
