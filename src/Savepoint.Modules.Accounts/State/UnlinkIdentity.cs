using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>
/// Takes a way into the account away, in the unit that erases the identity; never the last one. The sessions that were opened with it end, but for the one that asks: a phone
/// that was stolen is out as soon as its device is.
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
        var asking = asked.Text(LinkIdentity.Session);
        if (account.RefusalOf(asking, context.Now) is { } refusal)
            return refusal;
        if (asked.Text(LinkIdentity.Type) is not { } type || account.Identity(type) is not { } identity || identity.Key.Id != asked.Text(AccountState.IdentityId))
            return AccountCodes.NoSuchIdentity;
        if (account.AllIdentities().Skip(1).FirstOrDefault() is null)
            return AccountCodes.LastIdentity;
        context.Delta.Remove(Path.Root.Child(AccountState.Identities).Child(type));
        foreach (var session in account.AllSessions())
        {
            if (session.Method == type && session.Id != asking)
                context.Delta.Remove(Path.Root.Child(AccountState.Sessions).Child(session.Id));
        }

        return null;
    }
}
