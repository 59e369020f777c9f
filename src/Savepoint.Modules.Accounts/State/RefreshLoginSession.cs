using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>
/// Somebody shows a genuine refresh token of a session:
/// 1. the present one: it becomes the one before, and the next one takes its place;
/// 2. the one before, within the grace: whoever asks may not have received the answer, and gets the same next one again. The grace begins anew, since by the clock it began
/// when the token was first looked at, and not when the answer could be had: who keeps on asking while the database does not answer is not thrown out afterwards. It ends for
/// good some time after the token took its successor (<see cref="AccountsOptions.RepeatRefreshFor"/>): else whoever has stolen it could go on for ever, and the player too;
/// 3. any other: two have had the same token, and who of them is the player nobody knows. The session ends, for both.
/// All for one user is decided here, one after the other, so that of two who come at once, on whatever nodes, not both go on with tokens of their own.
/// </summary>
internal sealed class RefreshLoginSession(AccountsOptions options) : IIntent
{
    public const string IntentName = "refresh-session", Session = "session", Shown = "shown", Next = "next";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        var asked = context.Arguments.Root;
        if (asked.Text(Session) is not { } id || AccountState.From(context.Document) is not { IsDisabled: false } account
            || account.Session(id) is not { } session || session.ExpiresAt <= context.Now)
            return AccountCodes.RefreshInvalid;
        var (shown, path) = (asked.Bytes(Shown), Path.Root.Child(AccountState.Sessions).Child(id));
        if (shown.Span.SequenceEqual(session.TokenHash.Span))
        {
            context.Delta.Set(path.Child(SessionState.Previous), session.TokenHash);
            context.Delta.Set(path.Child(SessionState.Token), asked.Bytes(Next));
            context.Delta.Set(path.Child(SessionState.Refreshed), context.Now);
            context.Delta.Set(path.Child(SessionState.Rotated), context.Now);
            context.Delta.Set(path.Child(SessionState.Expires), context.Now + options.RefreshTokenLifetime);
        }
        else if (IsRepeated(session, shown.Span, context.Now))
        {
            context.Delta.Set(path.Child(SessionState.Refreshed), context.Now);
            context.Delta.Set(path.Child(SessionState.Rotated), session.RotatedAt);
        }
        else
        {
            context.Delta.Remove(path);
        }

        return null;
    }

    /// <summary>A clock that has gone back does not make the grace longer.</summary>
    private bool IsRepeated(SessionState session, ReadOnlySpan<byte> shown, DateTimeOffset now) =>
        shown.SequenceEqual(session.PreviousHash.Span) && (now - session.RefreshedAt).Duration() <= options.RefreshGrace
        && (now - session.RotatedAt).Duration() <= options.RepeatRefreshFor;
}
