using Savepoint.Engine.Kinds;
using Savepoint.Modules.Accounts.Requests;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Modules.Accounts.State;

/// <summary>Ends login sessions, and with them all their tokens: one, all but one, or all.</summary>
internal sealed class EndLoginSessions : IIntent
{
    public const string IntentName = "end-sessions", Only = "only", AllBut = "allBut";

    public string Name => IntentName;

    public string? Handle(IntentContext context)
    {
        if (AccountState.From(context.Document) is not { } account)
            return AccountCodes.NoSuchAccount;
        var (only, allBut) = (context.Arguments.Root.Text(Only), context.Arguments.Root.Text(AllBut));
        if (only is not null && account.Session(only) is null)
            return AccountCodes.NoSuchSession;
        End(context, account, only, allBut);
        return null;
    }

    public static void End(IntentContext context, AccountState account, string? only = null, string? allBut = null)
    {
        foreach (var session in account.AllSessions())
        {
            if ((only is null || session.Id == only) && session.Id != allBut)
                context.Delta.Remove(Path.Root.Child(AccountState.Sessions).Child(session.Id));
        }
    }
}
