using Savepoint.Engine.Kinds;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>Somebody is about to try a password. It is refused while the name is locked.</summary>
internal sealed class BeginAttempt(AccountsOptions options) : IIntent
{
    public const string IntentName = "begin-attempt";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (IdentityState.From(context.Document) is not { } identity)
            return AccountCodes.LoginFailed;
        if (identity.Failures.LockedFor(context.Now, options) > TimeSpan.Zero)
            return AccountCodes.LockedOut;
        var count = identity.Failures.WithAttempt(context.Now, options);
        context.Delta.Set(IdentityState.FailureNumber, count.Failures);
        context.Delta.Set(IdentityState.FailuresSince, count.Since);
        if (count.LockOuts != identity.Failures.LockOuts || count.LockedUntil != identity.Failures.LockedUntil)
        {
            context.Delta.Set(IdentityState.LockOuts, count.LockOuts);
            context.Delta.Set(IdentityState.LockedUntil, count.LockedUntil);
        }

        return null;
    }
}
