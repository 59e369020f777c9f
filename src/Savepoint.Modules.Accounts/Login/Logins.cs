using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Problems;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>Opens login sessions of accounts that there are.</summary>
internal sealed class Logins(AccountEngine engine, PasswordAttempts attempts, Granting granting)
{
    /// <summary>Logs in with a user name and a password.</summary>
    /// <exception cref="ProblemException">Nobody can log in with that, or not now.</exception>
    public Task<Grant> ByPasswordAsync(EntityKey name, string password, ClientInfo client, CancellationToken cancellationToken) => attempts.TryAsync(
        name,
        password,
        right => OpenAsync(right.Identity.UserId, name, client, cancellationToken, IdentityKind.Succeed(name, right.CheckedHash, right.NewHash)),
        cancellationToken);

    /// <summary>Finds whose an identity is; null where nobody has it.</summary>
    public async Task<string?> UserOfAsync(EntityKey identity, CancellationToken cancellationToken) =>
        IdentityState.From((await engine.ReadAsync(identity, cancellationToken)).Document)?.UserId;

    /// <summary>Opens a session for whoever has shown to be the user.</summary>
    /// <exception cref="ProblemException">The account is disabled, or has lost the identity.</exception>
    public async Task<Grant> OpenAsync(string userId, EntityKey identity, ClientInfo client, CancellationToken cancellationToken, params Mutation[] with)
    {
        var (session, token) = granting.Begin(userId, IdentityKeys.TypeOf(identity), client);
        var unit = new AwaitedUnit { Actor = Principal.Player(userId).Actor, Mutations = [AccountKind.OpenSession(userId, identity, session), .. with] };
        return await engine.SubmitAsync(unit, cancellationToken) is { } refusal
            ? throw (refusal.Code is RefusalCode.IntentRefused or RefusalCode.NotFound ? AccountProblems.LoginFailed() : AccountEngine.Problem(refusal))
            : granting.Give(token);
    }
}
