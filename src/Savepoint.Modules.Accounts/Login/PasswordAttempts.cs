using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>A password that was right.</summary>
/// <param name="Identity">Whose.</param>
/// <param name="CheckedHash">What it was checked against.</param>
/// <param name="NewHash">The same, hashed anew; null where that is not needed.</param>
internal sealed record RightPassword(IdentityState Identity, string CheckedHash, string? NewHash);

/// <summary>
/// Lets a password be tried:
/// 1. the identity is read; of one that is locked no password is looked at;
/// 2. the password is checked, and meanwhile the attempt is counted as wrong, where all attempts of the name are counted, one after the other: so of however many that
/// come at once, on whatever nodes, no more than the limit are answered;
/// 3. what was found counts only if the attempt did.
/// A name that nobody has takes as long, and gets the same answers.
/// </summary>
internal sealed class PasswordAttempts(AccountEngine engine, PasswordHashes passwords, UnknownNames unknown, AccountsOptions options, AccountMetrics metrics, TimeProvider time)
{
    public const string Actor = "login";

    /// <exception cref="Hosting.Problems.ProblemException">It was wrong, or not looked at.</exception>
    public async Task<RightPassword> TryAsync(EntityKey name, string password, CancellationToken cancellationToken)
    {
        var identity = await ReadAsync(name, cancellationToken);
        if (identity is null)
            return await TryUnknownAsync(name, password, cancellationToken);
        ThrowIfLocked(identity);
        var checking = passwords.CheckAsync(identity.PasswordHash, password, cancellationToken);
        var attempt = new SubmittedUnit { Actor = Actor, Mutations = [IdentityKind.Attempt(name)] };
        var refusal = await engine.SubmitAsync(attempt, cancellationToken);
        var check = await checking;
        if (refusal is not null)
            throw await RefusedAsync(name, refusal, cancellationToken);
        if (check.IsRight)
            return new RightPassword(identity, identity.PasswordHash!, check.NewHash);
        if (IdentityState.From(await engine.ResultAsync(attempt.Mutations[0], cancellationToken)) is { } after && after.Failures.LockOuts > identity.Failures.LockOuts
            && after.Failures.Failures == 0)
            metrics.LockedOut();
        throw AccountProblems.LoginFailed();
    }

    private async Task<RightPassword> TryUnknownAsync(EntityKey name, string password, CancellationToken cancellationToken)
    {
        if (unknown.Attempt(name.Id) is var remaining && remaining > TimeSpan.Zero)
            throw AccountProblems.LockedOut(remaining);
        await passwords.CheckAsync(hash: null, password, cancellationToken);
        throw AccountProblems.LoginFailed();
    }

    private async Task<Exception> RefusedAsync(EntityKey name, Refusal refusal, CancellationToken cancellationToken)
    {
        if (refusal.Detail != AccountCodes.LockedOut)
            return AccountProblems.LoginFailed();
        var remaining = (await ReadAsync(name, cancellationToken))?.Failures.LockedFor(time.GetUtcNow(), options) ?? TimeSpan.Zero;
        return AccountProblems.LockedOut(remaining);
    }

    private void ThrowIfLocked(IdentityState identity)
    {
        if (identity.Failures.LockedFor(time.GetUtcNow(), options) is var remaining && remaining > TimeSpan.Zero)
            throw AccountProblems.LockedOut(remaining);
    }

    private async Task<IdentityState?> ReadAsync(EntityKey name, CancellationToken cancellationToken) =>
        IdentityState.From((await engine.ReadAsync(name, cancellationToken)).Document);
}
