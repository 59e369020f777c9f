using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>Makes an identity. That nobody has it is for the expected version of the mutation to say.</summary>
internal sealed class CreateIdentity : IIntent
{
    public const string IntentName = "create";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (context.Arguments.Root.Text(IdentityState.User) is not { } user)
            return "intent.malformed";
        context.Delta.Set(IdentityState.User, user);
        context.Delta.Set(IdentityState.Created, context.Now);
        if (context.Arguments.Root.Text(IdentityState.Password) is { } password)
            context.Delta.Set(IdentityState.Password, password);
        return null;
    }
}
