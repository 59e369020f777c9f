using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Hosting;

/// <summary>What a <see cref="KindBuilder"/> was told: the parts of a kind, and how to make them.</summary>
internal sealed class KindParts(string name, bool isOwnedBySavepoint)
{
    public string Name => name;

    public bool IsOwnedBySavepoint => isOwnedBySavepoint;

    public List<Func<IServiceProvider, IPopulator>> Populators { get; } = [];

    public List<Func<IServiceProvider, object>> Hooks { get; } = [];

    public List<Func<IServiceProvider, ITemplateMigration>> Migrations { get; } = [];

    public List<Func<IServiceProvider, IIntent>> Intents { get; } = [];

    public Dictionary<string, IntentHandler> Handlers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, PropertyDurability> Durability { get; } = new(StringComparer.Ordinal);

    public Template? Template { get; set; }

    public int TemplateVersion { get; set; }

    public Action<KindSchemaBuilder, Template>? Schema { get; set; }

    public DocumentLimits Limits { get; set; } = DocumentLimits.Default;

    public Func<string, string> Owner { get; set; } = Kind.OwnerIsWholeId;

    public bool SessionsExclude { get; set; } = true;

    public bool IsSecret { get; set; }

    public KindAccess Access { get; set; } = KindAccess.Default;
}
