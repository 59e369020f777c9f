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
        .ProducesEngineProblems()
        .WithExample("""
            {"userId":"0198f6c2-5c1e-7a40-9d53-6b1f0c2a7e11","sessionId":"u7Qf2mX9","createdAt":"2026-01-31T12:00:00Z","identities":[{"type":"name","name":"ada","linkedAt":"2026-01-31T12:00:00Z"}],
            "sessions":[{"id":"u7Qf2mX9","present":true,"method":"password","createdAt":"2026-01-31T12:00:00Z","refreshedAt":"2026-01-31T12:00:00Z","expiresAt":"2026-03-02T12:00:00Z","device":null,"address":"203.0.113.7"}]}
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
