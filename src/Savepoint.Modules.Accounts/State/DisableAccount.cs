using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>Keeps a player out, or lets the player in again. Who is kept out has no session any more.</summary>
internal sealed class DisableAccount : IIntent
{
    public const string IntentName = "disable";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (AccountState.From(context.Document) is not { } account)
            return AccountCodes.NoSuchAccount;
        var disabled = context.Arguments.Root.Flag(AccountState.Disabled);
        context.Delta.Set(AccountState.Disabled, disabled);
        if (disabled)
            EndLoginSessions.End(context, account);
        return null;
    }
}
