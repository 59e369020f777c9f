using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>Opens a login session. Those that have expired go, and where there are too many, the one that was not used for longest.</summary>
internal sealed class OpenLoginSession(AccountsOptions options) : IIntent
{
    public const string IntentName = "open-session", Session = "session";

    private static readonly Path Sessions = Path.Root.Child(AccountState.Sessions);

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (AccountState.From(context.Document) is not { } account)
            return AccountCodes.NoSuchAccount;
        if (account.IsDisabled)
            return AccountCodes.Disabled;
        if (!account.AllIdentities().Any(identity => identity.Key.Id == context.Arguments.Root.Text(AccountState.IdentityId)))
            return AccountCodes.LoginFailed;
        MakeRoom(context, account);
        return Open(context, options);
    }

    /// <summary>Opens the session that the arguments name.</summary>
    public static string? Open(IntentContext context, AccountsOptions options)
    {
        var asked = context.Arguments.Root;
        if (asked.Text(Session) is not { } id || asked.Bytes(SessionState.Token) is not { IsEmpty: false } token)
            return "intent.malformed";
        var session = new MapBuilder
        {
            { SessionState.Token, token },
            { SessionState.Created, context.Now },
            { SessionState.Refreshed, context.Now },
            { SessionState.Expires, context.Now + options.RefreshTokenLifetime },
        };
        foreach (var key in (ReadOnlySpan<string>)[SessionState.By, SessionState.DeviceLabel, SessionState.FromAddress])
        {
            if (asked.Text(key) is { } text)
                session.Add(key, text);
        }

        context.Put(AccountState.Sessions, id, session);
        return null;
    }

    private void MakeRoom(IntentContext context, AccountState account)
    {
        var open = new List<SessionState>();
        foreach (var session in account.AllSessions())
        {
            if (session.ExpiresAt > context.Now)
                open.Add(session);
            else
                context.Delta.Remove(Sessions.Child(session.Id));
        }

        open.Sort(static (left, right) => left.RefreshedAt.CompareTo(right.RefreshedAt));
        for (var i = 0; i <= open.Count - options.MaxSessions; i++)
            context.Delta.Remove(Sessions.Child(open[i].Id));
    }
}
