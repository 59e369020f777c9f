using System.Text.Json;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Users;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Protocol;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Records;

/// <summary>
/// What accounts keep of a user, for exports and erasures. The account and its identities are erased in one unit, which expects each as it was read: an identity that is linked
/// meanwhile is not left behind, and one that is somebody else's by now is left alone. From then on nobody can log in with them, and no token of before is good for anything.
/// Of an account that a repair has removed, what can be read is erased at once, and what is left of the account itself with the last of it: so an account that was erased says that
/// its identities were.
/// </summary>
internal sealed class AccountRecords(AccountEngine engine, LostIdentities lost) : IUserRecords
{
    private const int Attempts = 20;

    public string Name => "account";

    public async Task WriteAsync(string userId, Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(json);
        AccountState? account;
        try
        {
            account = AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(userId), cancellationToken)).Document);
        }
        catch (ProblemException unreadable) when (unreadable.Error.Code == ErrorCodes.Quarantined)
        {
            json.WriteStartObject();
            json.WriteString("unreadable", unreadable.Error.Code);
            json.WriteEndObject();
            return;
        }

        if (account is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        AccountJson.Write(json, account, present: null, openAt: null);
        json.WriteEndObject();
    }

    public async Task<ErasedRecords> EraseAsync(string userId, string actor, CancellationToken cancellationToken)
    {
        var search = new Search(engine, lost, userId, cancellationToken);
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (keys, mutations, unreadable) = await search.FindAsync();
            if (keys.Count == 0)
                return new ErasedRecords([], unreadable);

            // Once it is on its way, only its outcome is of interest.
            if (await engine.SubmitAsync(new AwaitedUnit { Actor = actor, Mutations = [.. mutations] }, CancellationToken.None) is not { } refusal)
                return new ErasedRecords(keys, unreadable);
            if (refusal.Code == RefusalCode.NotFound)
                search.Gone.Add(keys[refusal.Mutation]);
            else if (refusal.Code != RefusalCode.VersionMismatch)
                throw AccountEngine.Problem(refusal);
        }

        throw AccountEngine.Problem(new Refusal(RefusalCode.Busy));
    }

    /// <summary>Looks for what there is of a user, as often as it takes until it stays so for as long as a unit needs.</summary>
    private sealed class Search(AccountEngine engine, LostIdentities lost, string userId, CancellationToken cancellationToken)
    {
        // An account that is no more gets no other identities: they are looked for once.
        private FoundIdentities? _lost;

        /// <summary>Of what was erased before nothing is left, and it looks like what was removed.</summary>
        public HashSet<EntityKey> Gone { get; } = [];

        /// <returns>What to erase, and what can't be read. What an account is still there for is erased all at once or not at all.</returns>
        public async Task<(List<EntityKey> Keys, List<Mutation> Mutations, List<EntityKey> Unreadable)> FindAsync()
        {
            var (keys, mutations, unreadable) = (new List<EntityKey>(), new List<Mutation>(), new List<EntityKey>());
            var key = AccountKind.KeyOf(userId);
            if (await TryReadAsync(key) is not var (document, version) || version == 0)
                return (keys, mutations, unreadable);
            if (document is null && await engine.IsErasedAsync(key, version, cancellationToken))
                return (keys, mutations, unreadable);
            foreach (var identity in await IdentitiesAsync(AccountState.From(document), unreadable))
            {
                if (await TryReadAsync(identity) is not var (content, at) || at == 0)
                    continue;
                if (content is null)
                    Add(identity, 0);
                else if (IdentityState.From(content)?.UserId == userId)
                    Add(identity, at);
            }

            if (unreadable.Count == 0)
                Add(key, document is null ? 0 : version);
            return unreadable.Count == 0 || document is null ? (keys, mutations, unreadable) : ([], [], unreadable);

            void Add(EntityKey erased, long expected)
            {
                if (Gone.Contains(erased))
                    return;
                keys.Add(erased);
                mutations.Add(new Mutation { Key = erased, Kind = MutationKind.Erase, ExpectedVersion = expected });
            }

            async Task<(Documents.Document? Document, long Version)?> TryReadAsync(EntityKey read)
            {
                try
                {
                    return await engine.ReadAsync(read, cancellationToken);
                }
                catch (ProblemException problem) when (problem.Error.Code == ErrorCodes.Quarantined)
                {
                    unreadable.Add(read);
                    return null;
                }
            }
        }

        /// <summary>An account that was removed by a repair does not tell any more which identities it had.</summary>
        private async Task<IEnumerable<EntityKey>> IdentitiesAsync(AccountState? account, List<EntityKey> unreadable)
        {
            if (account is not null)
                return [.. account.AllIdentities().Select(static identity => identity.Key)];
            _lost ??= await lost.FindAsync(userId, cancellationToken);
            unreadable.AddRange(_lost.Unreadable);
            return _lost.Theirs;
        }
    }
}
