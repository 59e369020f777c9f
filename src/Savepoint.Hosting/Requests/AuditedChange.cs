using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Kinds;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;
using MutationKind = Savepoint.Engine.Units.MutationKind;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// The entries of the audit log for what people and services of the back end do to the profiles of others: rollbacks, and sessions that they end. An entry is in
/// the unit of what it tells of, so that neither is without the other.
/// </summary>
internal static class AuditedChange
{
    private const string RollBack = "entity.rollback", EndSession = "session.end";

    /// <summary>The mutations of a unit, with the entries that belong to them.</summary>
    public static Mutation[] With(Mutation[] mutations, Principal principal, UnitTerms? terms, KindRegistry kinds, TimeProvider time)
    {
        if (principal.Role is not (PrincipalRole.Service or PrincipalRole.Support or PrincipalRole.Admin))
            return mutations;
        List<Mutation>? entries = null;
        foreach (var mutation in mutations)
        {
            if (ActionOf(mutation.Kind) is { } action && OwnerOf(mutation.Key, kinds) is { } owner)
            {
                var entry = new AuditEntry(principal.Actor, action, mutation.Key.ToString()) { Address = terms?.Address, Reason = terms?.Reason, After = AfterOf(mutation) };
                (entries ??= []).Add(AuditLog.Of(owner, time.GetUtcNow(), Guid.NewGuid(), entry));
            }
        }

        return entries is null ? mutations : [.. mutations, .. entries];
    }

    private static string? ActionOf(MutationKind kind) => kind switch
    {
        MutationKind.Restore => RollBack,
        MutationKind.EndSession => EndSession,
        _ => null,
    };

    private static Document? AfterOf(in Mutation mutation) =>
        mutation.Kind == MutationKind.Restore ? new Document(new MapBuilder { { "restoredVersion", mutation.RestoredVersion } }.Build()) : null;

    /// <summary>Whose shard it is in; null for what the engine refuses anyway.</summary>
    private static string? OwnerOf(EntityKey key, KindRegistry kinds)
    {
        if (key.Id is not { Length: > 0 and <= EntityKey.MaxIdLength } || !kinds.TryGet(key.Kind, out var kind))
            return null;
        return kind.Owner(key.Id) is { Length: > 0 } owner ? owner : key.Id;
    }
}
