using Savepoint.Hosting.Principals;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Sessions;

/// <summary><c>GET /api/v1/session</c>: who asks, and which login sessions are open.</summary>
internal static class WhoAmI
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("", HandleAsync)
        .RequirePrincipal(PrincipalRole.Player)
        .WithName("GetLoginSession").WithSummary("Says who asks, and lists the open login sessions")
        .Produces<SessionAnswer>();

    private static async Task HandleAsync(HttpContext context, AccountEngine engine)
    {
        var player = context.GetPrincipal();
        var account = AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(player.Name), context.RequestAborted)).Document);
        await AccountJson.WriteAsync(context, json =>
        {
            json.WriteString("userId", player.Name);
            json.WriteString("sessionId", player.LoginSession);
            if (account is not null)
                AccountJson.Write(json, account, player.LoginSession ?? "");
        });
    }
}
