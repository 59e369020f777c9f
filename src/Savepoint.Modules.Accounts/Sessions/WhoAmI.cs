using Savepoint.Hosting.OpenApi;
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
        .Produces<SessionAnswer>()
        .ProducesEngineChanges()
        .WithExample($$"""
            {"userId":"{{Examples.User}}","sessionId":"{{Examples.Session}}","createdAt":"2026-01-31T12:00:00Z","identities":[{"type":"name","name":"ada","linkedAt":"2026-01-31T12:00:00Z"}],
            "sessions":[{"id":"{{Examples.Session}}","present":true,"method":"name","createdAt":"2026-01-31T12:00:00Z","refreshedAt":"2026-01-31T12:00:00Z","expiresAt":"2026-03-02T12:00:00Z","address":"203.0.113.7"}]}
            """);

    private static async Task HandleAsync(HttpContext context, AccountEngine engine, TimeProvider time)
    {
        var player = context.GetPrincipal();
        var account = AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(player.Name), context.RequestAborted)).Document);
        await AccountJson.WriteAsync(context, json =>
        {
            json.WriteString("userId", player.Name);
            json.WriteString("sessionId", player.LoginSession);
            if (account is not null)
                AccountJson.Write(json, account, player.LoginSession ?? "", time.GetUtcNow());
        });
    }
}
