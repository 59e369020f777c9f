using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>What an entity is: how its documents start, what may be asked of it, and how durable its properties are.</summary>
public sealed class Kind
{
    private static readonly Func<string, string> WholeId = static id => id;

    /// <summary>Its name, as it stands in keys: 1 to 64 lower-case letters, digits, <c>_</c> and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Whether it is one that Savepoint itself keeps: only such a one may have a name that begins with <c>sp-</c>, and it has to. The default value is false.
    /// </summary>
    public bool IsOwnedBySavepoint { get; init; }

    /// <summary>
    /// Whether its entities hold secrets, as the hashes of passwords: nobody sees or changes them over any edge, support and admins included, and they are left out of
    /// lists and exports, and never published; of one that can't be read it is told that it can't. Only code in the server reaches them. Only one that Savepoint itself keeps can be. The default value is false.
    /// </summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether only its own intents change it: no deltas, removals, rollbacks, messages or sessions.</summary>
    internal bool IsClosed { get; init; }

    /// <summary>Whether its entities can be erased.</summary>
    internal bool IsErasable { get; init; } = true;

    /// <summary>What new documents start from; null when the first writer says it.</summary>
    public Template? Template { get; init; }

    /// <summary>
    /// The version of the template to which documents are migrated when they come into memory; new ones get it at once. The default value is 0: it does not
    /// count, and there is nothing to migrate.
    /// </summary>
    public int TemplateVersion { get; init; }

    /// <summary>
    /// The steps from one template version to the next. They follow each other, the last one leads to <see cref="TemplateVersion"/>, and a document of a version
    /// before the first of them is refused.
    /// </summary>
    public IReadOnlyList<ITemplateMigration> Migrations { get; init; } = [];

    /// <summary>What its documents may hold; null for anything.</summary>
    public KindSchema? Schema { get; init; }

    /// <summary>Add to the document that a new entity starts from, in this order.</summary>
    public IReadOnlyList<ICreatedHook> CreatedHooks { get; init; } = [];

    /// <summary>Look at each entity that comes into memory, in this order.</summary>
    public IReadOnlyList<ILoadedHook> LoadedHooks { get; init; } = [];

    /// <summary>Are told of each entity that leaves memory, in this order.</summary>
    public IReadOnlyList<IUnloadingHook> UnloadingHooks { get; init; } = [];

    /// <summary>The limits of its documents.</summary>
    public DocumentLimits Limits { get; init; } = DocumentLimits.Default;

    /// <summary>
    /// Whether a session excludes other writers: while one is active, others may only increment properties and leave messages. The default value is true.
    /// </summary>
    public bool SessionsExclude { get; init; } = true;

    /// <summary>Its intents by name.</summary>
    public IReadOnlyDictionary<string, IntentHandler> Intents { get; init; } = new Dictionary<string, IntentHandler>(StringComparer.Ordinal);

    /// <summary>Properties that are less than durable, by top-level key; what is not named is Durable.</summary>
    public IReadOnlyDictionary<string, PropertyDurability> Durability { get; init; } = new Dictionary<string, PropertyDurability>(StringComparer.Ordinal);

    /// <summary>Who may do what with its entities. By default servers and services everything, and players read what they own.</summary>
    public KindAccess Access { get; init; } = KindAccess.Default;

    /// <summary>The part of an id that names the owner, whose entities share a shard. By default all of it.</summary>
    public Func<string, string> Owner { get; init; } = WholeId;

    /// <summary>Whether the whole id names the owner, so that whoever knows the id knows the shard.</summary>
    public bool IsOwnedByItsId => ReferenceEquals(Owner, WholeId);

    /// <summary>The part of an id that names the owner where nothing is said: all of it.</summary>
    public static Func<string, string> OwnerIsWholeId => WholeId;
}

/// <summary>How much a property's changes are worth.</summary>
public enum PropertyDurability : byte
{
    /// <summary>Acknowledged after commit.</summary>
    Durable,

    /// <summary>Applied and pushed at once, journaled once per save interval or with the next durable change; a crash loses at most that.</summary>
    Deferred,

    /// <summary>Only broadcast; never stored.</summary>
    Transient,
}
