using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>Makes an account with its identities, in the unit that makes these too, and opens its first session.</summary>
internal sealed class CreateAccount(AccountsOptions options) : IIntent
{
    public const string IntentName = "create";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (context.Arguments.Root.Map(AccountState.Identities) is not { Count: > 0 } identities)
            return "intent.malformed";
        context.Delta.Set(AccountState.Created, context.Now);
        var linked = new MapBuilder();
        foreach (var (type, identity) in identities)
            linked.Add(type, LinkIdentity.At(context, identity.AsMap()));
        context.Delta.Set(AccountState.Identities, linked);
        return OpenLoginSession.Open(context, options);
    }
}
