namespace Savepoint.Documents.Tests;

/// <summary>Shorthand for what is refused and why.</summary>
internal static class Refused
{
    public static DocumentException With(DocumentError error, Action action)
    {
        var refusal = Should.Throw<DocumentException>(action);
        refusal.Error.ShouldBe(error);
        return refusal;
    }

    public static void With(DocumentError error, Func<object?> action) => With(error, () => { _ = action(); });

    /// <summary>Applies a delta, which has to be refused and to leave no trace.</summary>
    public static void Delta(DocumentError error, Document document, Action<DeltaWriter> write, DocumentLimits? limits = null)
    {
        var before = document.ToBytes();
        Edit.Try(document, write, limits).ShouldBe(error);
        document.ToBytes().ShouldBe(before);
    }
}

/// <summary>Shorthand for documents and their deltas.</summary>
internal static class Edit
{
    public static Document Json(string json) => DocumentJson.Parse(json);

    public static byte[] Delta(Action<DeltaWriter> write)
    {
        var writer = new DeltaWriter();
        write(writer);
        return writer.ToArray();
    }

    public static DocumentError Try(Document document, Action<DeltaWriter> write, DocumentLimits? limits = null) =>
        Documents.Delta.TryApply(document, Delta(write), limits ?? DocumentLimits.Default, new UndoLog());

    public static string After(string json, Action<DeltaWriter> write)
    {
        var document = Json(json);
        Try(document, write).ShouldBe(DocumentError.None);
        return DocumentJson.ToText(document);
    }

    /// <summary>Lists in lists, the innermost empty.</summary>
    public static Value Nested(int levels)
    {
        var value = Value.FromList();
        for (var i = 1; i < levels; i++)
            value = Value.FromList(value);
        return value;
    }
}
