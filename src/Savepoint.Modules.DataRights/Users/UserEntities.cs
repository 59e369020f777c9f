using System.Runtime.CompilerServices;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Users;

namespace Savepoint.Modules.DataRights;

/// <summary>An entity that holds data of a user.</summary>
/// <param name="Key">The entity.</param>
/// <param name="IsTagged">Whether the user's index lists it.</param>
/// <param name="IsOwned">Whether the user owns it, by its id.</param>
public sealed record UserEntity(EntityKey Key, bool IsTagged, bool IsOwned);

/// <summary>
/// Finds what holds data of a user: the entities that the user is tagged on, and those that the user owns by their ids, of every kind. Also removed ones, of
/// which old versions may be kept; one of whose id the user's is all may never have existed. What Savepoint itself
/// keeps of a user is not among them, and what is secret never is.
/// </summary>
public sealed class UserEntities
{
    private const int PageSize = 1_000;
    private readonly EngineAccess _access;

    internal UserEntities(EngineAccess access) => _access = access;

    /// <summary>Finds them: first those that are tagged.</summary>
    /// <exception cref="RefusedException">Something can't be read.</exception>
    public async IAsyncEnumerable<UserEntity> FindAsync(string userId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tagged = await TaggedAsync(userId, cancellationToken);
        foreach (var key in tagged.Where(key => !IsSecret(key)))
            yield return new UserEntity(key, IsTagged: true, IsOwned(key, userId));
        foreach (var kind in _access.Kinds.All.Where(kind => !kind.IsOwnedBySavepoint).OrderBy(kind => kind.Name, StringComparer.Ordinal))
        {
            await foreach (var key in OwnedAsync(kind, userId, cancellationToken))
            {
                if (!tagged.Contains(key))
                    yield return new UserEntity(key, IsTagged: false, IsOwned: true);
            }
        }
    }

    /// <summary>Whether a user owns an entity by its id.</summary>
    internal bool IsOwned(EntityKey key, string userId) => _access.Kinds.TryGet(key.Kind, out var kind) && string.Equals(kind.Owner(key.Id), userId, StringComparison.Ordinal);

    private bool IsSecret(EntityKey key) => _access.Kinds.TryGet(key.Kind, out var kind) && kind.IsSecret;

    private async Task<HashSet<EntityKey>> TaggedAsync(string userId, CancellationToken cancellationToken)
    {
        var index = await _access.ReadAsync(UserTags.IndexOf(userId), cancellationToken);
        return index.Document is null ? [] : [.. UserIndex.EntitiesIn(Decode(index.Document))];
    }

    private async IAsyncEnumerable<EntityKey> OwnedAsync(Kind kind, string userId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (kind.IsOwnedByItsId)
        {
            yield return new EntityKey(kind.Name, userId);
            yield break;
        }

        // Whose an id is only the kind can say: all of the user's shard are looked through.
        var shard = ShardHash.ShardOf(userId, _access.ShardCount);
        for (var after = ""; after is not null;)
        {
            var page = await _access.ScanAsync(shard, new EntityKey(kind.Name, after), PageSize, withDocuments: false, withRemoved: true, cancellationToken);
            foreach (var entity in page.Entities)
            {
                if (string.Equals(kind.Owner(entity.Key.Id), userId, StringComparison.Ordinal))
                    yield return entity.Key;
            }

            after = page.Next;
        }
    }

    /// <summary>What was stored once is read, also when a limit was lowered since.</summary>
    internal static Document Decode(byte[] bytes) => Document.Decode(bytes, DocumentLimits.Widest);
}
