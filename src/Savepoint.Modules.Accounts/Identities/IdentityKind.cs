using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>The kind <c>sp-identity</c>, and what is asked of its entities.</summary>
internal static class IdentityKind
{
    public const string Name = "sp-identity";

    public static SavepointBuilder AddIdentities(this SavepointBuilder savepoint) => savepoint.AddSystemKind(Name, kind => kind
        .Secret()
        .Intent<CreateIdentity>()
        .Intent<BeginAttempt>()
        .Intent<EndAttempt>()
        .Intent<ChangePassword>());

    /// <summary>Makes an identity, which nobody may have.</summary>
    public static Mutation Create(EntityKey key, string userId, string? passwordHash)
    {
        var arguments = new MapBuilder { { IdentityState.User, userId } };
        if (passwordHash is not null)
            arguments.Add(IdentityState.Password, passwordHash);
        return Asking(key, CreateIdentity.IntentName, arguments) with { ExpectedVersion = 0 };
    }

    /// <summary>Counts an attempt as wrong before it is known whether it is: so however many come at once, no more than the limit are looked at.</summary>
    public static Mutation Attempt(EntityKey key) => Asking(key, BeginAttempt.IntentName, []) with { WantsDocument = true };

    /// <summary>The password was right.</summary>
    /// <param name="key">The identity.</param>
    /// <param name="checkedHash">What it was checked against.</param>
    /// <param name="newHash">The same password, hashed anew; null where that is not needed.</param>
    /// <param name="unlessLocked">Whether it changes nothing while the name is locked: for who does not know whether the attempt was let through.</param>
    public static Mutation Succeed(EntityKey key, string checkedHash, string? newHash, bool unlessLocked = false)
    {
        var arguments = new MapBuilder { { IdentityState.Password, checkedHash } };
        if (newHash is not null)
            arguments.Add(EndAttempt.NewHash, newHash);
        if (unlessLocked)
            arguments.Add(EndAttempt.UnlessLocked, true);
        return Asking(key, EndAttempt.IntentName, arguments);
    }

    /// <summary>Gives another password, and forgets the wrong ones.</summary>
    /// <param name="key">The identity.</param>
    /// <param name="userId">Whose it has to be.</param>
    /// <param name="hash">The new password's.</param>
    /// <param name="checkedHash">What it has to be now; null for whatever.</param>
    public static Mutation SetPassword(EntityKey key, string userId, string hash, string? checkedHash)
    {
        var arguments = new MapBuilder { { IdentityState.User, userId }, { EndAttempt.NewHash, hash } };
        if (checkedHash is not null)
            arguments.Add(IdentityState.Password, checkedHash);
        return Asking(key, ChangePassword.IntentName, arguments);
    }

    private static Mutation Asking(EntityKey key, string intent, MapBuilder arguments) => new()
    {
        Key = key,
        Kind = MutationKind.Intent,
        Intent = intent,
        Payload = new Document(arguments.Build()).ToBytes(),
        ExpectedVersion = Mutation.AnyVersion,
    };
}
