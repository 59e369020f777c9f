using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>Gives an account another way in, in the unit that makes the identity. Where an admin does, all sessions end: whose they are is not known.</summary>
internal sealed class LinkIdentity : IIntent
{
    public const string IntentName = "link", Type = "type", Identity = "identity";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        var asked = context.Arguments.Root;
        if (AccountState.From(context.Document) is not { } account)
            return AccountCodes.NoSuchAccount;

        // A password was hashed since the request was admitted: whoever has logged out everywhere meanwhile leaves nobody a way in.
        var asker = LinkAsker.From(asked);
        if (asker.RefusalOf(account, context.Now) is { } refusal)
            return refusal;
        if (asked.Text(Type) is not { } type || asked.Map(Identity) is not { } identity)
            return "intent.malformed";
        if (account.Identity(type) is not null)
            return AccountCodes.IdentityExists;
        context.Delta.Set(Path.Root.Child(AccountState.Identities).Child(type), At(context, identity));
        if (asker.IsAdmin)
            EndLoginSessions.End(context, account);
        return null;
    }

    /// <summary>An identity with the time at which it was linked.</summary>
    public static MapBuilder At(IntentContext context, MapValue identity) => new(identity) { { AccountState.At, context.Now } };
}
