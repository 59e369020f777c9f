using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Linking;

/// <summary>
/// Gives accounts other ways in, and takes them away, on behalf of players and of admins. The identity and what the account knows of it change in one unit, which the caller
/// submits, since an admin's has an entry of the audit log in it.
/// </summary>
internal sealed class IdentityLinks(AccountEngine engine)
{
    private const int Attempts = 20;

    /// <exception cref="Hosting.Problems.ProblemException">There is no such account, or it can't be read now.</exception>
    public async Task<AccountState> AccountAsync(string userId, CancellationToken cancellationToken) =>
        AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(userId), cancellationToken)).Document) ?? throw AccountProblems.NoSuchAccount();

    /// <summary>Refuses what would be refused later, before a password costs anything.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">The account has an identity of the type, or somebody has the identity.</exception>
    public async Task CheckAsync(AccountState account, LinkedIdentity identity, CancellationToken cancellationToken)
    {
        if (account.Identity(identity.Type) is not null)
            throw AccountProblems.IdentityExists(identity.Type);
        if (IdentityState.From((await engine.ReadAsync(identity.Key, cancellationToken)).Document) is not null)
            throw AccountProblems.IdentityTaken(identity.Type);
    }

    /// <summary>Whether an identity is a user's: one that its account knows may be somebody else's after a repair.</summary>
    public async Task<bool> IsOfAsync(EntityKey identity, string userId, CancellationToken cancellationToken) =>
        IdentityState.From((await engine.ReadAsync(identity, cancellationToken)).Document)?.UserId == userId;

    /// <summary>Links an identity.</summary>
    /// <param name="userId">Whose account gets it.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="identity">The identity, and of a name the hash of its password.</param>
    /// <param name="submit">Submits the unit.</param>
    public static async Task LinkAsync(string userId, LinkAsker asker, NewIdentity identity, Func<Mutation[], Task<Refusal?>> submit)
    {
        var type = identity.Identity.Type;
        List<Mutation> mutations = [AccountKind.Link(userId, asker, identity.Identity), IdentityKind.Create(identity.Identity.Key, userId, identity.PasswordHash)];
        if (asker.Password is { } right)
            mutations.Add(IdentityKind.Succeed(right.Name, right.CheckedHash, right.NewHash));
        var refusal = await submit([.. mutations]);
        if (refusal is not null)
            throw refusal.Code == RefusalCode.VersionMismatch ? AccountProblems.IdentityTaken(type) : AccountProblems.OfLink(refusal, type);
    }

    /// <summary>Takes an identity away. One that is somebody else's by now, as after a repair, stays that user's.</summary>
    /// <param name="userId">Whose account loses it.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="identity">The identity.</param>
    /// <param name="submit">Submits the unit.</param>
    /// <param name="cancellationToken">Ends it before anything is done.</param>
    public async Task UnlinkAsync(string userId, LinkAsker asker, LinkedIdentity identity, Func<Mutation[], Task<Refusal?>> submit, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var (document, version) = await engine.ReadAsync(identity.Key, cancellationToken);
            var found = IdentityState.From(document);
            List<Mutation> mutations = [AccountKind.Unlink(userId, asker, identity.Key, identity.Type)];
            if (found?.UserId == userId)
                mutations.Add(new Mutation { Key = identity.Key, Kind = MutationKind.Erase, ExpectedVersion = version });
            if (asker.Password is { } right)
            {
                if (right.Name != identity.Key)
                    mutations.Add(IdentityKind.Succeed(right.Name, right.CheckedHash, right.NewHash));

                // It goes at the version at which its password was seen to be right still.
                else if (found?.PasswordHash != right.CheckedHash)
                    throw AccountProblems.LoginFailed();
            }

            var refusal = await submit([.. mutations]);
            if (refusal is null)
                return;

            // Somebody has tried a password of it meanwhile.
            if (refusal.Code != RefusalCode.VersionMismatch)
                throw AccountProblems.OfLink(refusal, identity.Type);
        }

        throw AccountEngine.Problem(new Refusal(RefusalCode.Busy));
    }
}
