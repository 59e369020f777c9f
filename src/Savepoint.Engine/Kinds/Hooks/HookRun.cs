using Savepoint.Documents;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Kinds;

/// <summary>Runs hooks and migrations on a document, one after the other, and gathers what they change. Used once; what it was given is never changed.</summary>
internal sealed class HookRun(Kind kind, EntityKey key, Document document, long version, DateTimeOffset now)
{
    private readonly DeltaWriter _one = new();
    private readonly UndoLog _undo = new();
    private bool _isCopied;
    private Document? _shown;

    /// <summary>The document as it is by now.</summary>
    public Document Document { get; private set; } = document;

    /// <summary>What leads to it.</summary>
    public DeltaWriter Changes { get; } = new();

    /// <summary>The template version that a document says it has; 0 where it says none, −1 where that can't be read.</summary>
    public static long TemplateVersionOf(Document document) =>
        !document.Root.TryGet(ReservedKeys.Template, out var stamp) ? 0 : stamp.TryGetInt64(out var version) && version > 0 ? version : -1;

    /// <summary>Brings the document to the kind's template version.</summary>
    /// <returns>Why it can't be; null when it has it now.</returns>
    public Refusal? Migrate()
    {
        var from = TemplateVersionOf(Document);
        if (from == kind.TemplateVersion)
            return null;
        if (from < 0)
            return Failed(ReservedKeys.Template, "no template version");
        if (from > kind.TemplateVersion)
            return Newer(from);
        var first = kind.TemplateVersion - kind.Migrations.Count;
        if (from < first)
            return Failed(ReservedKeys.Template, $"the document has template version {from}, and there is no migration from before {first}");
        for (var i = (int)from - first; i < kind.Migrations.Count; i++)
        {
            var migration = kind.Migrations[i];
            if (Run($"migration from {migration.From}", migration.Migrate) is { } refusal)
                return refusal;
        }

        return Stamp();
    }

    /// <summary>Says in the document that it has the kind's template version.</summary>
    public Refusal? Stamp()
    {
        _one.Reset();
        _one.Set(Documents.Path.Root.Child(ReservedKeys.Template), kind.TemplateVersion);
        return Apply(ReservedKeys.Template);
    }

    /// <summary>Runs the kind's loaded hooks.</summary>
    public Refusal? Load()
    {
        foreach (var hook in kind.LoadedHooks)
        {
            if (Run(hook.GetType().Name, hook.OnLoaded) is { } refusal)
                return refusal;
        }

        return null;
    }

    /// <summary>Runs the kind's created hooks.</summary>
    public Refusal? Create()
    {
        foreach (var hook in kind.CreatedHooks)
        {
            if (Run(hook.GetType().Name, hook.OnCreated) is { } refusal)
                return refusal;
        }

        return null;
    }

    /// <summary>Looks whether what was changed fits the kind's schema.</summary>
    public Refusal? CheckSchema() =>
        kind.Schema is { } schema && !Changes.IsEmpty && SchemaCheck.Touched(schema, Document, overlay: null, Changes.WrittenSpan) is { } fault
            ? Failed("the schema", $"{fault.Error.Code()} at '{fault.Path}'")
            : null;

    private Refusal? Run(string name, Action<HookContext> hook)
    {
        _one.Reset();
#pragma warning disable CA1031 // Whatever a hook throws fails the load or the change at hand, and nothing else.
        try
        {
            // One that changes what it is shown, and does not say so in its delta, changes nothing that anybody else has.
            _shown ??= Document.Clone();
            hook(new HookContext { Key = key, Document = _shown, Version = version, Now = now, Delta = _one });
        }
        catch (DocumentException refused)
        {
            return Failed(name, Describe(refused.Error, refused.Path?.ToString()));
        }
        catch (Exception thrown)
        {
            // Its text may hold anything, and this goes to players.
            return Failed(name, thrown.GetType().Name);
        }
#pragma warning restore CA1031
        if (_one.IsEmpty)
            return null;
        return ReservedKeys.FindTouched(_one.WrittenSpan, Document, kind.Limits) is { } path
            ? Failed(name, Describe(DocumentError.Reserved, path))
            : Apply(name);
    }

    private Refusal? Apply(string name)
    {
        if (!_isCopied)
            Document = Document.Clone();
        _isCopied = true;
        var error = Delta.TryApply(Document, _one.WrittenSpan, kind.Limits, _undo, out var operation);
        if (error != DocumentError.None)
            return Failed(name, Describe(error, operation < 0 ? null : Delta.PathOf(_one.WrittenSpan, operation)?.ToString()));
        _shown = null;
        Changes.Append(_one.WrittenSpan);
        return null;
    }

    private static string Describe(DocumentError error, string? path) => path is null ? error.Code() : $"{error.Code()} at '{path}'";

    /// <summary>It says nothing of the document, but that this server's release is behind: another server, or this one after its upgrade, gives another answer.</summary>
    private Refusal Newer(long from) => new(RefusalCode.Unavailable)
    {
        Key = key,
        Detail = $"{ReservedKeys.Template}: the document has template version {from}, and this server knows {kind.TemplateVersion}",
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    private Refusal Failed(string name, string why) => new(RefusalCode.HookFailed) { Key = key, Detail = $"{name}: {why}" };
}
