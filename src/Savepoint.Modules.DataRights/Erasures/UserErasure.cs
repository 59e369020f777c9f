using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Units;
using Savepoint.Engine.Users;
using Savepoint.Hosting.Users;

namespace Savepoint.Modules.DataRights;

/// <summary>
/// Erases what is kept of a user:
/// 1. the audit log says who wants it; else nothing is done. Then goes what modules keep in kinds that are secret, accounts first of all, so that the user comes back no more;
/// 2. each entity that holds data of the user is erased, if the user owns it or is the only one tagged; else it loses the user's tag. In the same unit the
/// indexes of its users forget it;
/// 3. the user's index is erased, and the audit log says what was done, in one unit; if something was tagged or made meanwhile, the second step comes again.
/// Each step is one unit, and finds done what was done before: after a crash it is run once more from the beginning, and does what is left.
/// </summary>
public sealed class UserErasure
{
    private const int MaxRounds = 10;
    private const int MaxAttempts = 20;

    private readonly EngineAccess _access;
    private readonly UserEntities _entities;
    private readonly AuditTrail _audit;
    private readonly IReadOnlyList<IUserRecords> _records;

    internal UserErasure(EngineAccess access, UserEntities entities, AuditTrail audit, IReadOnlyList<IUserRecords> records) =>
        (_access, _entities, _audit, _records) = (access, entities, audit, records);

    /// <summary>Erases what is kept of a user.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancellationToken">Ends it between two steps; it can be run again.</param>
    /// <exception cref="RefusedException">A step was refused, and trying again did not help; it can be run again.</exception>
    public async Task<ErasureResult> EraseAsync(string userId, Requester by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(by);
        var run = new Run(this, userId, by);
        await run.BeginAsync(cancellationToken);
        for (var round = 0; round < MaxRounds; round++)
        {
            await run.EraseAllAsync(cancellationToken);
            if (run.Result.IsComplete && !await run.TryFinishAsync(cancellationToken))
                continue;
            return run.Result;
        }

        throw new RefusedException(new Refusal(RefusalCode.Busy) { Detail = "entities are made for the user, or tagged, faster than they are erased" });
    }

    private sealed class Run(UserErasure erasure, string userId, Requester by)
    {
        private readonly OperationWriter _writer = new(by.Actor, by.Reason);
        private readonly List<EntityKey> _erased = [];
        private readonly List<EntityKey> _untagged = [];
        private readonly List<EntityKey> _unreadable = [];

        public ErasureResult Result => new(_erased, _untagged, _unreadable);

        private EngineAccess Access => erasure._access;

        public async Task BeginAsync(CancellationToken cancellationToken)
        {
            if (await SubmitAsync([Entry("user.erase")], cancellationToken) is { } refusal)
                throw new RefusedException(refusal);
        }

        public async Task EraseAllAsync(CancellationToken cancellationToken)
        {
            foreach (var records in erasure._records)
            {
                var outcome = await records.EraseAsync(userId, by.Actor, cancellationToken);
                _erased.AddRange(outcome.Erased);
                _unreadable.AddRange(outcome.Unreadable);
            }

            await foreach (var entity in erasure._entities.FindAsync(userId, cancellationToken))
                await EraseAsync(entity, cancellationToken);
        }

        /// <returns>False when something was tagged or made meanwhile.</returns>
        public async Task<bool> TryFinishAsync(CancellationToken cancellationToken)
        {
            var index = await Access.ReadAsync(UserTags.IndexOf(userId), cancellationToken);
            if (index.Document is not null && UserIndex.EntitiesIn(UserEntities.Decode(index.Document)).Count > 0)
                return false;
            if (await OwnsSomethingAsync(cancellationToken))
                return false;
            var outcome = new MapBuilder { { "erased", (long)_erased.Count }, { "untagged", (long)_untagged.Count } };
            List<Mutation> mutations = [Entry("user.erased", new Document(outcome.Build()))];
            if (index.Version > 0)
                mutations.Add(new Mutation { Key = index.Key, Kind = MutationKind.Erase, ExpectedVersion = index.Document is null ? 0 : index.Version });
            var refusal = await SubmitAsync([.. mutations], cancellationToken);

            // The index was erased before, and nothing was tagged since.
            if (refusal is { Code: RefusalCode.NotFound })
                refusal = await SubmitAsync([mutations[0]], cancellationToken);
            return refusal?.Code switch
            {
                null => true,
                RefusalCode.VersionMismatch => false,
                _ => throw new RefusedException(refusal),
            };
        }

        /// <summary>Whoever still plays may have made something behind the search that went by.</summary>
        private async Task<bool> OwnsSomethingAsync(CancellationToken cancellationToken)
        {
            await foreach (var entity in erasure._entities.FindAsync(userId, cancellationToken))
            {
                if (entity.IsOwned && (await Access.TryReadAsync(entity.Key, withSupplement: false, cancellationToken)).Snapshot.Document is not null)
                    return true;
            }

            return false;
        }

        private async Task EraseAsync(UserEntity entity, CancellationToken cancellationToken)
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var (snapshot, unread) = await Access.TryReadAsync(entity.Key, withSupplement: false, cancellationToken);
                if (unread is not null && !(entity.IsOwned && unread.Code == RefusalCode.HookFailed))
                {
                    _unreadable.Add(entity.Key);
                    return;
                }

                var users = snapshot.Document is null ? [] : UserTags.In(UserEntities.Decode(snapshot.Document));
                var isShared = !entity.IsOwned && users.Any(user => user != userId);
                var refusal = isShared
                    ? await SubmitAsync(UserTags.UntagBy(entity.Key, userId), cancellationToken)
                    : await SubmitAsync(Erasing(entity, snapshot.Version, snapshot.Document is not null, users), cancellationToken);
                switch (refusal?.Code)
                {
                    case null:
                        (isShared ? _untagged : _erased).Add(entity.Key);
                        return;
                    case RefusalCode.NotFound when !isShared:
                        await ForgetAsync(entity, cancellationToken);
                        return;
                    case RefusalCode.NotFound or RefusalCode.VersionMismatch:
                        continue;
                    case RefusalCode.Quarantined or RefusalCode.UnknownKind:
                        _unreadable.Add(entity.Key);
                        return;
                    default:
                        throw new RefusedException(refusal!);
                }
            }

            throw new RefusedException(new Refusal(RefusalCode.Busy) { Key = entity.Key, Detail = "it changes all the time" });
        }

        /// <summary>Nothing is left of it: it was erased before, or never existed.</summary>
        private async Task ForgetAsync(UserEntity entity, CancellationToken cancellationToken)
        {
            if (entity.IsTagged && await SubmitAsync([UserIndex.Forgetting(userId, entity.Key)], cancellationToken) is { } refusal)
                throw new RefusedException(refusal);
        }

        private Mutation[] Erasing(UserEntity entity, long version, bool exists, IReadOnlyList<string> users)
        {
            // What is erased because nobody else is tagged must be as it was when that was seen.
            long? expected = entity.IsOwned ? null : exists ? version : 0;
            List<Mutation> mutations = [new Mutation { Key = entity.Key, Kind = MutationKind.Erase, ExpectedVersion = expected }];
            if (entity.IsTagged)
                mutations.Add(UserIndex.Forgetting(userId, entity.Key));
            foreach (var other in users.Where(user => user != userId || !entity.IsTagged).Take(MostForgotten))
                mutations.Add(UserIndex.Forgetting(other, entity.Key));
            return [.. mutations];
        }

        // Of a unit's 64 mutations. An index that lists an entity of which nothing is left does no harm, and forgets it with its own user's erasure.
        private const int MostForgotten = 60;

        private Mutation Entry(string action, Document? outcome = null) => erasure._audit.Write(
            userId, new AuditEntry(by.Actor, action, "user/" + userId) { Address = by.Address, Reason = by.Reason, After = outcome });

        private Task<Refusal?> SubmitAsync(Mutation[] mutations, CancellationToken cancellationToken) => Access.SubmitAsync(_writer, mutations, cancellationToken);
    }
}
