using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>
/// Takes a way into the account away, in the unit that erases the identity; never the last one. All sessions end, but for the one that asks: with which identity whoever has
/// the device came in nobody can say, and a phone that was lost is out as soon as its device is.
/// </summary>
internal sealed class UnlinkIdentity : IIntent
{
    public const string IntentName = "unlink";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        var asked = context.Arguments.Root;
        if (AccountState.From(context.Document) is not { } account)
            return AccountCodes.NoSuchAccount;
        var asker = LinkAsker.From(asked);
        if (asker.RefusalOf(account, context.Now) is { } refusal)
            return refusal;
        if (asked.Text(LinkIdentity.Type) is not { } type || account.Identity(type) is not { } identity || identity.Key.Id != asked.Text(AccountState.IdentityId))
            return AccountCodes.NoSuchIdentity;
        if (account.HasOneIdentity)
            return AccountCodes.LastIdentity;
        context.Delta.Remove(Path.Root.Child(AccountState.Identities).Child(type));
        EndLoginSessions.End(context, account, allBut: asker.Session);
        return null;
    }
}
