using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Engine.Units;

/// <summary>
/// Makes the document that a new entity starts from: its kind's template, or else the one that its first writer says; with the template version, and what the
/// kind's created hooks add.
/// </summary>
internal static class NewDocument
{
    /// <returns>Why there can be none.</returns>
    public static Refusal? Make(Entities.Entity entity, ReadOnlyMemory<byte> template, DateTimeOffset now, out Document? document)
    {
        var kind = entity.Kind;
        if ((kind.Template is { } own ? Take(own, out document) : Read(kind, template, out document)) is { } refusal)
            return refusal;
        if (kind.TemplateVersion == 0 && kind.CreatedHooks.Count == 0)
            return null;
        var run = new HookRun(kind, entity.Key, document!, version: 0, now);
        var failed = (kind.TemplateVersion == 0 ? null : run.Stamp()) ?? run.Create() ?? run.CheckSchema();
        document = run.Document;
        return failed;
    }

    private static Refusal? Take(Template template, out Document? document)
    {
        document = template.CreateDocument();
        return null;
    }

    private static Refusal? Read(Kind kind, ReadOnlyMemory<byte> template, out Document? document)
    {
        document = new Document();
        if (template.IsEmpty)
            return null;
        var error = Document.TryDecode(template.Span, kind.Limits, out document);
        if (error != DocumentError.None)
            return new Refusal(RefusalCode.Document) { DocumentError = error };
        if (ReservedKeys.AreIn(document!))
            return new Refusal(RefusalCode.Document) { DocumentError = DocumentError.Reserved };
        return kind.Schema is { } schema && SchemaCheck.Whole(schema, document!) is { } fault
            ? new Refusal(RefusalCode.Document) { DocumentError = fault.Error, Path = fault.Path }
            : null;
    }
}
