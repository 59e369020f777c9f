using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Records;

/// <summary>Finds the identities of a user whose account is no more, by looking through all that there are: it is a matter of repairs, and takes its time.</summary>
internal sealed class LostIdentities(AccountEngine engine, EngineOptions options)
{
    /// <exception cref="Hosting.Problems.ProblemException">They can't be listed now.</exception>
    public async Task<FoundIdentities> FindAsync(string userId, CancellationToken cancellationToken)
    {
        var found = new FoundIdentities([], []);
        for (var shard = 0; shard < options.ShardCount; shard++)
        {
            for (var after = ""; after is not null;)
            {
                var page = await engine.ScanAsync(shard, new EntityKey(IdentityKind.Name, after), cancellationToken);
                foreach (var entity in page.Entities)
                    Sort(entity, userId, found);
                after = page.Next;
            }
        }

        return found;
    }

    /// <summary>What was not loaded since it was damaged has no error yet: its bytes are as they are stored.</summary>
    private static void Sort(ScannedEntity entity, string userId, FoundIdentities found)
    {
        try
        {
            if (entity.QuarantineError is not null)
                found.Unreadable.Add(entity.Key);
            else if (entity.Document is { } document && IdentityState.From(AccountEngine.Decode(document.ToArray()))?.UserId == userId)
                found.Theirs.Add(entity.Key);
        }
        catch (DocumentException)
        {
            found.Unreadable.Add(entity.Key);
        }
    }
}

/// <summary>What was found of a user's identities.</summary>
/// <param name="Theirs">Those of the user.</param>
/// <param name="Unreadable">Those that can't be read: whose they are nobody can say, so they may be the user's.</param>
internal sealed record FoundIdentities(List<EntityKey> Theirs, List<EntityKey> Unreadable);
