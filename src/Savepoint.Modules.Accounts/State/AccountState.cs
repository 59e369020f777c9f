using Savepoint.Documents;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>What an account holds.</summary>
internal sealed class AccountState
{
    public const string Created = "created", Disabled = "disabled", Identities = "identities", Sessions = "sessions", IdentityId = "id", Label = "label", At = "at";

    private readonly MapValue _root;

    private AccountState(MapValue root) => _root = root;

    public DateTimeOffset CreatedAt => _root.Moment(Created);

    public bool IsDisabled => _root.Flag(Disabled);

    /// <summary>Null where the account does not exist, or never did.</summary>
    public static AccountState? From(Document? document) => document?.Root.ContainsKey(Created) == true ? new AccountState(document.Root) : null;

    /// <summary>Why whoever comes with a login session may not change the account any more; null where it may. Players of a studio's own issuer have no session.</summary>
    public string? RefusalOf(string? session, DateTimeOffset now) => IsDisabled ? AccountCodes.Disabled
        : session is null || (Session(session) is { } found && now < found.ExpiresAt) ? null
        : AccountCodes.NoSuchSession;

    /// <summary>Whether there is no other way in beside the one that there always is.</summary>
    public bool HasOneIdentity => AllIdentities().Skip(1).FirstOrDefault() is null;

    public LinkedIdentity? Identity(string type) => _root.Map(Identities) is { } all && all.TryGet(type, out var value) ? LinkedIdentity.From(value) : null;

    public IEnumerable<LinkedIdentity> AllIdentities()
    {
        foreach (var (_, value) in _root.Map(Identities) ?? new MapValue())
        {
            if (LinkedIdentity.From(value) is { } identity)
                yield return identity;
        }
    }

    /// <summary>Those of which one shows that whoever has it is the player: the name, which has a password, and all where there is none.</summary>
    public IEnumerable<LinkedIdentity> ShownBy() => Identity(IdentityKeys.Name) is { } name ? [name] : AllIdentities();

    public SessionState? Session(string id) => _root.Map(Sessions) is { } all && all.TryGet(id, out var value) && value.TryGetMap(out var map) ? SessionState.From(id, map) : null;

    public IEnumerable<SessionState> AllSessions()
    {
        foreach (var (id, value) in _root.Map(Sessions) ?? new MapValue())
        {
            if (value.TryGetMap(out var map))
                yield return SessionState.From(id, map);
        }
    }
}
