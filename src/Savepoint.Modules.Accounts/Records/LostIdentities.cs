using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Records;

/// <summary>Finds the identities of a user whose account is no more, by looking through all that there are: it is a matter of repairs, and takes its time.</summary>
internal sealed class LostIdentities(AccountEngine engine, EngineOptions options)
{
    /// <exception cref="Hosting.Problems.ProblemException">They can't be listed now.</exception>
    public async Task<IReadOnlyList<EntityKey>> FindAsync(string userId, CancellationToken cancellationToken)
    {
        var found = new List<EntityKey>();
        for (var shard = 0; shard < options.ShardCount; shard++)
        {
            for (var after = ""; after is not null;)
            {
                var page = await engine.ScanAsync(shard, new EntityKey(IdentityKind.Name, after), cancellationToken);
                found.AddRange(page.Entities.Where(entity => UserOf(entity) == userId).Select(static entity => entity.Key));
                after = page.Next;
            }
        }

        return found;
    }

    private static string? UserOf(ScannedEntity entity) => entity.Document is { } document ? IdentityState.From(AccountEngine.Decode(document.ToArray()))?.UserId : null;
}
