using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>Gives a name another password.</summary>
internal sealed class ChangePassword : IIntent
{
    public const string IntentName = "change-password";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        var asked = context.Arguments.Root;
        if (asked.Text(EndAttempt.NewHash) is not { } hash)
            return "intent.malformed";
        if (context.Document.Root.Text(IdentityState.User) != asked.Text(IdentityState.User))
            return AccountCodes.NoSuchIdentity;
        if (asked.Text(IdentityState.Password) is { } expected && expected != context.Document.Root.Text(IdentityState.Password))
            return AccountCodes.LoginFailed;
        context.Delta.Set(IdentityState.Password, hash);
        EndAttempt.Forget(context);
        return null;
    }
}
