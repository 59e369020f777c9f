using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Problems;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>A password that was right.</summary>
/// <param name="Name">Of which name.</param>
/// <param name="Identity">Whose that is.</param>
/// <param name="CheckedHash">What it was checked against.</param>
/// <param name="NewHash">The same, hashed anew; null where that is not needed.</param>
internal sealed record RightPassword(EntityKey Name, IdentityState Identity, string CheckedHash, string? NewHash);

/// <summary>
/// Lets a password be tried:
/// 1. on each node those of one name take turns (<see cref="PasswordTurns"/>);
/// 2. the identity is read; of one that is locked no password is looked at;
/// 3. when a thread is free, the attempt is counted as wrong, where all attempts of the name are counted, one after the other: so of however many that come at once, on
/// whatever nodes, no more than the limit are answered. Meanwhile the password is checked. Who has gone before counts for nothing, who goes later is not waited for;
/// 4. what was found counts only if the attempt did;
/// 5. a password that was right is no wrong one any more, in the unit that it is for, or without it where that comes to nothing.
/// A name that nobody has takes as long, and gets the same answers.
/// </summary>
internal sealed class PasswordAttempts(
    AccountEngine engine, PasswordTurns turns, PasswordHashes passwords, UnknownNames unknown, AccountsOptions options, AccountMetrics metrics, TimeProvider time)
{
    private const string Actor = "login";

    /// <summary>Tries a password, and does what it is for.</summary>
    /// <param name="name">The name.</param>
    /// <param name="password">What was given as its password.</param>
    /// <param name="then">What is done with a right one. Its unit says that it was right (<see cref="IdentityKind.Succeed"/>), and is refused where it is not any more.</param>
    /// <param name="cancellationToken">Says that nobody waits for it any more.</param>
    /// <exception cref="ProblemException">It was wrong, or not looked at.</exception>
    public async Task<T> TryAsync<T>(EntityKey name, string password, Func<RightPassword, Task<T>> then, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(name.Id, cancellationToken);
        var right = await CheckAsync(name, password, cancellationToken);
        try
        {
            return await then(right);
        }
        catch (Exception failure) when (failure is not ProblemException { Error.Code: AccountCodes.LoginFailed })
        {
            // Nobody is locked out by right passwords while the account can't be reached. Nothing depends on the outcome, so nobody waits for it.
            Post(IdentityKind.Succeed(name, right.CheckedHash, newHash: null));
            throw;
        }
    }

    private async Task<RightPassword> CheckAsync(EntityKey name, string password, CancellationToken cancellationToken)
    {
        if (await ReadAsync(name, cancellationToken) is not { } identity)
            throw await TryUnknownAsync(name, password, cancellationToken);
        ThrowIfLocked(identity.Failures.LockedFor(time.GetUtcNow(), options));
        var attempt = new AwaitedUnit { Actor = Actor, Mutations = [IdentityKind.Attempt(name)] };
        var check = await passwords.CheckAsync(identity.PasswordHash, password, () => engine.Post(attempt), cancellationToken);
        if (await OutcomeAsync(name, identity, attempt, check) is { } refusal)
            throw await RefusedAsync(name, refusal);
        if (check.IsRight)
            return new RightPassword(name, identity, identity.PasswordHash!, check.NewHash);
        if (IdentityState.From(await engine.ResultAsync(attempt.Mutations[0], CancellationToken.None)) is { } after && after.Failures.LockOuts > identity.Failures.LockOuts
            && after.Failures.Failures == 0)
            metrics.LockedOut();
        throw AccountProblems.LoginFailed();
    }

    private async Task<Refusal?> OutcomeAsync(EntityKey name, IdentityState identity, AwaitedUnit attempt, PasswordCheck check)
    {
        try
        {
            return await engine.OutcomeAsync(attempt, CancellationToken.None);
        }
        catch (ProblemException) when (check.IsRight)
        {
            // It may have been counted all the same, or refused since the name was locked meanwhile: then it stays so.
            Post(IdentityKind.Succeed(name, identity.PasswordHash!, newHash: null, unlessLocked: true));
            throw;
        }
    }

    private async Task<ProblemException> TryUnknownAsync(EntityKey name, string password, CancellationToken cancellationToken)
    {
        ThrowIfLocked(unknown.LockedFor(name.Id));
        var remaining = TimeSpan.Zero;
        await passwords.CheckAsync(hash: null, password, () => remaining = unknown.Attempt(name.Id), cancellationToken);
        ThrowIfLocked(remaining);
        return AccountProblems.LoginFailed();
    }

    private async Task<ProblemException> RefusedAsync(EntityKey name, Refusal refusal)
    {
        if (refusal.Detail != AccountCodes.LockedOut)
            return AccountProblems.LoginFailed();
        var remaining = (await ReadAsync(name, CancellationToken.None))?.Failures.LockedFor(time.GetUtcNow(), options) ?? TimeSpan.Zero;
        return AccountProblems.LockedOut(remaining);
    }

    private static void ThrowIfLocked(TimeSpan remaining)
    {
        if (remaining > TimeSpan.Zero)
            throw AccountProblems.LockedOut(remaining);
    }

    private void Post(Engine.Units.Mutation mutation) => engine.Post(new AwaitedUnit { Actor = Actor, Mutations = [mutation] });

    private async Task<IdentityState?> ReadAsync(EntityKey name, CancellationToken cancellationToken) =>
        IdentityState.From((await engine.ReadAsync(name, cancellationToken)).Document);
}
