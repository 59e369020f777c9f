using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>
/// Who wants to change the ways into an account, and what shows that it is not somebody who has come by an access token. Of a player:
/// 1. the login session has to be open, and the account not disabled;
/// 2. where the account has a name, its password has been given, and was right: the unit is refused where it is not any more;
/// 3. where it has none, the session has begun a short while ago, with a login: a refresh begins none.
/// </summary>
internal sealed record LinkAsker
{
    /// <summary>How long after a login who has no password may change the ways in.</summary>
    public static readonly TimeSpan LoginCountsFor = TimeSpan.FromMinutes(10);

    private const string SessionField = "session", CheckedNameField = "checkedName", IsAdminField = "isAdmin";

    private LinkAsker()
    {
    }

    /// <summary>The login session of a player; null for none.</summary>
    public string? Session { get; private init; }

    /// <summary>The id of the name whose password was right; null for none.</summary>
    public string? CheckedName { get; private init; }

    /// <summary>Whether it is an admin, who needs neither.</summary>
    public bool IsAdmin { get; private init; }

    public static LinkAsker Admin { get; } = new() { IsAdmin = true };

    public static LinkAsker Player(string? session, EntityKey? checkedName = null) => new() { Session = session, CheckedName = checkedName?.Id };

    public static LinkAsker From(MapValue arguments) =>
        new() { Session = arguments.Text(SessionField), CheckedName = arguments.Text(CheckedNameField), IsAdmin = arguments.Flag(IsAdminField) };

    public MapBuilder AddTo(MapBuilder arguments)
    {
        if (Session is not null)
            arguments.Add(SessionField, Session);
        if (CheckedName is not null)
            arguments.Add(CheckedNameField, CheckedName);
        if (IsAdmin)
            arguments.Add(IsAdminField, true);
        return arguments;
    }

    /// <summary>Why it may not; null where it may.</summary>
    public string? RefusalOf(AccountState account, DateTimeOffset now)
    {
        if (IsAdmin)
            return null;
        if (account.RefusalOf(Session, now) is { } refusal)
            return refusal;
        var isShown = account.Identity(IdentityKeys.Name) is { } name
            ? name.Key.Id == CheckedName
            : Session is not null && account.Session(Session) is { } session && (now - session.CreatedAt).Duration() <= LoginCountsFor;
        return isShown ? null : AccountCodes.LoginRequired;
    }
}
