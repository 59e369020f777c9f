using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting;

namespace Savepoint.Modules.Accounts.State;

/// <summary>The kind <c>sp-account</c>, whose ids are user ids, and what is asked of its entities.</summary>
internal static class AccountKind
{
    public const string Name = "sp-account";

    public static SavepointBuilder AddAccountKind(this SavepointBuilder savepoint) => savepoint.AddSystemKind(Name, kind => kind
        .Secret()
        .Intent<CreateAccount>()
        .Intent<OpenLoginSession>()
        .Intent<RefreshLoginSession>()
        .Intent<EndLoginSessions>()
        .Intent<LinkIdentity>()
        .Intent<UnlinkIdentity>()
        .Intent<DisableAccount>());

    public static EntityKey KeyOf(string userId) => new(Name, userId);

    /// <summary>Makes an account, with its identities and its first session.</summary>
    public static Mutation Create(string userId, IEnumerable<LinkedIdentity> identities, NewSession session)
    {
        var linked = new MapBuilder();
        foreach (var identity in identities)
            linked.Add(identity.Type, identity.ToMap());
        var arguments = session.ToArguments();
        arguments.Add(AccountState.Identities, linked);
        return Asking(userId, CreateAccount.IntentName, arguments) with { ExpectedVersion = 0 };
    }

    /// <summary>Opens a session. It is refused where the account is disabled, or has lost the identity.</summary>
    public static Mutation OpenSession(string userId, EntityKey identity, NewSession session)
    {
        var arguments = session.ToArguments();
        arguments.Add(AccountState.IdentityId, identity.Id);
        return Asking(userId, OpenLoginSession.IntentName, arguments);
    }

    /// <summary>Shows a refresh token, and says what is to follow on it.</summary>
    public static Mutation Refresh(string userId, string session, byte[] shownHash, byte[] nextHash) => Asking(userId, RefreshLoginSession.IntentName, new MapBuilder
    {
        { RefreshLoginSession.Session, session },
        { RefreshLoginSession.Shown, Value.From((ReadOnlyMemory<byte>)shownHash) },
        { RefreshLoginSession.Next, Value.From((ReadOnlyMemory<byte>)nextHash) },
    }) with { WantsDocument = true };

    /// <summary>Ends a session, or all but one, or all.</summary>
    public static Mutation EndSessions(string userId, string? only = null, string? allBut = null)
    {
        var arguments = new MapBuilder();
        if (only is not null)
            arguments.Add(EndLoginSessions.Only, only);
        if (allBut is not null)
            arguments.Add(EndLoginSessions.AllBut, allBut);
        return Asking(userId, EndLoginSessions.IntentName, arguments);
    }

    /// <summary>Links an identity.</summary>
    public static Mutation Link(string userId, LinkAsker asker, LinkedIdentity identity) => Asking(userId, LinkIdentity.IntentName, asker.AddTo(new MapBuilder
    {
        { LinkIdentity.Type, identity.Type },
        { LinkIdentity.Identity, identity.ToMap() },
    }));

    /// <summary>Takes an identity away, and ends all sessions but the one that asks.</summary>
    public static Mutation Unlink(string userId, LinkAsker asker, EntityKey identity, string type) => Asking(userId, UnlinkIdentity.IntentName, asker.AddTo(new MapBuilder
    {
        { LinkIdentity.Type, type },
        { AccountState.IdentityId, identity.Id },
    }));

    public static Mutation Disable(string userId, bool disabled) => Asking(userId, DisableAccount.IntentName, new MapBuilder { { AccountState.Disabled, disabled } });

    private static Mutation Asking(string userId, string intent, MapBuilder arguments) => new()
    {
        Key = KeyOf(userId),
        Kind = MutationKind.Intent,
        Intent = intent,
        Payload = new Document(arguments.Build()).ToBytes(),
        ExpectedVersion = Mutation.AnyVersion,
    };
}
