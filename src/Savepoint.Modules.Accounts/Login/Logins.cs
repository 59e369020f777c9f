using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>Opens login sessions of accounts that there are.</summary>
internal sealed class Logins(AccountEngine engine, PasswordAttempts attempts, Granting granting)
{
    /// <summary>Logs in with a user name and a password.</summary>
    /// <exception cref="ProblemException">Nobody can log in with that, or not now.</exception>
    public async Task<Grant> ByPasswordAsync(EntityKey name, string password, ClientInfo client, CancellationToken cancellationToken)
    {
        var right = await attempts.TryAsync(name, password, cancellationToken);
        try
        {
            return await OpenAsync(right.Identity.UserId, name, client, cancellationToken, IdentityKind.Succeed(name, right.CheckedHash, right.NewHash));
        }
        catch (Exception failure) when (failure is not ProblemException { Error.Code: AccountCodes.LoginFailed })
        {
            // Nobody is locked out by right passwords while the account can't be reached. Nothing depends on the outcome, so nobody waits for it.
            engine.Post(new SubmittedUnit { Actor = PasswordAttempts.Actor, Mutations = [IdentityKind.Succeed(name, right.CheckedHash, newHash: null)] });
            throw;
        }
    }

    /// <summary>Finds whose an identity is; null where nobody has it.</summary>
    public async Task<string?> UserOfAsync(EntityKey identity, CancellationToken cancellationToken) =>
        IdentityState.From((await engine.ReadAsync(identity, cancellationToken)).Document)?.UserId;

    /// <summary>Opens a session for whoever has shown to be the user.</summary>
    /// <exception cref="ProblemException">The account is disabled, or has lost the identity.</exception>
    public async Task<Grant> OpenAsync(string userId, EntityKey identity, ClientInfo client, CancellationToken cancellationToken, params Mutation[] with)
    {
        var (session, token) = granting.Begin(userId, IdentityKeys.TypeOf(identity), client);
        var unit = new SubmittedUnit { Actor = "player:" + userId, Mutations = [AccountKind.OpenSession(userId, identity, session), .. with] };
        return await engine.SubmitAsync(unit, cancellationToken) is { } refusal
            ? throw (refusal.Code is RefusalCode.IntentRefused or RefusalCode.NotFound ? AccountProblems.LoginFailed() : AccountEngine.Problem(refusal))
            : granting.Give(token);
    }
}
