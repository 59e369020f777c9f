using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>
/// Who wants to change the ways into an account, and what shows that it is not somebody who has come by an access token. Of a player:
/// 1. the login session has to be open, and the account not disabled;
/// 2. it has shown that it can come in by a way that the account has: where there is a name, by that and its password, else by a device or a token of the studio's own issuer.
/// The unit is refused where the account has lost that way meanwhile, or the password is not right any more.
/// </summary>
internal sealed record LinkAsker
{
    private const string SessionField = "session", ShownField = "shown", IsAdminField = "isAdmin";

    private LinkAsker()
    {
    }

    /// <summary>The login session of a player; null for none.</summary>
    public string? Session { get; private init; }

    /// <summary>The id of the identity that the player has shown to be its own; null for none.</summary>
    public string? Shown { get; private init; }

    /// <summary>The password that it has shown, which is <see cref="Shown"/>'s; null for none. It is for whoever makes the unit, and not told to the account.</summary>
    public RightPassword? Password { get; private init; }

    /// <summary>Whether it is an admin, who needs neither.</summary>
    public bool IsAdmin { get; private init; }

    public static LinkAsker Admin { get; } = new() { IsAdmin = true };

    /// <summary>A player who has no password, but an identity.</summary>
    public static LinkAsker Player(string? session, EntityKey shown) => new() { Session = session, Shown = shown.Id };

    /// <summary>A player who has a password.</summary>
    public static LinkAsker Player(string? session, RightPassword password) => new() { Session = session, Shown = password.Name.Id, Password = password };

    public static LinkAsker From(MapValue arguments) =>
        new() { Session = arguments.Text(SessionField), Shown = arguments.Text(ShownField), IsAdmin = arguments.Flag(IsAdminField) };

    public MapBuilder AddTo(MapBuilder arguments)
    {
        if (Session is not null)
            arguments.Add(SessionField, Session);
        if (Shown is not null)
            arguments.Add(ShownField, Shown);
        if (IsAdmin)
            arguments.Add(IsAdminField, true);
        return arguments;
    }

    /// <summary>Why it may not; null where it may.</summary>
    public string? RefusalOf(AccountState account, DateTimeOffset now) => IsAdmin ? null
        : account.RefusalOf(Session, now) is { } refusal ? refusal
        : account.ShownBy().Any(identity => identity.Key.Id == Shown) ? null
        : AccountCodes.LoginFailed;
}
