using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights;

/// <summary>
/// Repairs entities that can't be read, or that the hooks and migrations of their kind can't deal with. The repair and its entry in the audit log are one unit:
/// where the entry can't be written, nothing is done.
/// </summary>
public sealed class EntityRepair
{
    private readonly EngineAccess _access;
    private readonly AuditTrail _audit;

    internal EntityRepair(EngineAccess access, AuditTrail audit) => (_access, _audit) = (access, audit);

    /// <summary>Repairs one.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="how">What takes the place of what can't be read.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="request">Makes a repeated request have the outcome of the first: a writer, and what stands for the content; null for a request of its own.</param>
    /// <returns>The version that it has now; the one before is the newest that it had.</returns>
    /// <exception cref="RefusedException">It was not repaired.</exception>
    public async Task<long> RepairAsync(EntityKey key, RepairBy how, Requester by, (Guid Writer, ulong Fingerprint)? request = null)
    {
        ArgumentNullException.ThrowIfNull(how);
        ArgumentNullException.ThrowIfNull(by);
        if (!_access.Kinds.TryGet(key.Kind, out var kind))
            throw new RefusedException(new Refusal(RefusalCode.UnknownKind) { Key = key });
        if (kind.IsSecret && how.BringsContent)
            throw new RefusedException(new Refusal(RefusalCode.InvalidRequest) { Key = key, Detail = "it is secret, and takes its newest version or its removal only" });
        var what = new MapBuilder { { "with", how.Name } };
        if (how.Mutation is { Kind: MutationKind.Restore, RestoredVersion: > 0 and < Mutation.NewestVersion })
            what.Add("version", how.Mutation.RestoredVersion);
        var entry = new AuditEntry(by.Actor, "entity.repair", $"{key.Kind}/{key.Id}") { Address = by.Address, Reason = by.Reason, After = new Document(what.Build()) };
        var writer = request is { } named
            ? new OperationWriter(by.Actor, by.Reason) { Id = named.Writer, Fingerprint = named.Fingerprint }
            : new OperationWriter(by.Actor, by.Reason);
        Mutation[] mutations = [how.Mutation with { Key = key }, _audit.Write(kind.Owner(key.Id), entry)];
        return await _access.SubmitAsync(writer, mutations, CancellationToken.None) is { } refusal ? throw new RefusedException(refusal) : mutations[0].ResultVersion;
    }
}

/// <summary>What takes the place of an entity that can't be read.</summary>
public sealed class RepairBy
{
    private RepairBy(string name, in Mutation mutation, long? expectedVersion) =>
        (Name, Mutation) = (name, mutation with { Repairs = true, ExpectedVersion = expectedVersion });

    internal string Name { get; }

    internal Mutation Mutation { get; }

    /// <summary>Whether whoever asks chooses what it holds afterwards: with a secret one that would be the password of anybody.</summary>
    internal bool BringsContent => Mutation is { Kind: MutationKind.Restore, RestoredVersion: not Mutation.NewestVersion };

    /// <summary>Its newest version, from a whole copy and the journal. Refused where that can't be read: nothing is lost by it.</summary>
    public static RepairBy Newest(long? expectedVersion = null) =>
        new("newest", new Mutation { Kind = MutationKind.Restore, RestoredVersion = Mutation.NewestVersion }, expectedVersion);

    /// <summary>What a version of it held. What came after is a matter of its history, as with a rollback.</summary>
    public static RepairBy Version(long version, long? expectedVersion = null) =>
        new("version", new Mutation { Kind = MutationKind.Restore, RestoredVersion = version }, expectedVersion);

    /// <summary>A document. One without <c>$template</c> is migrated from template version 0 on.</summary>
    public static RepairBy Document(Document document, long? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new RepairBy("document", new Mutation { Kind = MutationKind.Restore, Payload = document.ToBytes() }, expectedVersion);
    }

    /// <summary>Nothing: it is removed, and counts its versions on when it is made again.</summary>
    public static RepairBy Removal(long? expectedVersion = null) => new("removal", new Mutation { Kind = MutationKind.Remove }, expectedVersion);
}
