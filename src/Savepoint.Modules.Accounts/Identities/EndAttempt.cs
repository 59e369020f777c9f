using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>
/// The password was right: the wrong ones before it are forgotten, and its hash may be a better one from now on. It is refused where the password was changed
/// meanwhile: what was right then is not any more.
/// </summary>
internal sealed class EndAttempt(AccountsOptions options) : IIntent
{
    public const string IntentName = "end-attempt", NewHash = "newHash", UnlessLocked = "unlessLocked";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (context.Document.Root.Text(IdentityState.Password) is not { } present || present != context.Arguments.Root.Text(IdentityState.Password))
            return AccountCodes.LoginFailed;
        if (context.Arguments.Root.Flag(UnlessLocked) && IdentityState.From(context.Document)?.Failures.LockedFor(context.Now, options) > TimeSpan.Zero)
            return AccountCodes.LockedOut;
        Forget(context);
        if (context.Arguments.Root.Text(NewHash) is { } hash)
            context.Delta.Set(IdentityState.Password, hash);
        return null;
    }

    public static void Forget(IntentContext context)
    {
        context.Delta.Set(IdentityState.FailureNumber, 0L);
        if (context.Document.Root.ContainsKey(IdentityState.LockOuts))
            context.Delta.Remove(IdentityState.LockOuts);
        if (context.Document.Root.ContainsKey(IdentityState.LockedUntil))
            context.Delta.Remove(IdentityState.LockedUntil);
    }
}
