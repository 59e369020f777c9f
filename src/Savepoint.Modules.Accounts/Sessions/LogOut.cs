using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Sessions;

/// <summary>
/// <c>POST /api/v1/session/logout</c> and <c>DELETE /api/v1/session/{id}</c>: end login sessions. From the answer on, no node accepts their tokens, and their streams are
/// closed.
/// </summary>
internal static class LogOut
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/logout", LogOutAsync)
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("LogOut").WithSummary("Logs out, here or everywhere")
            .AcceptsOptional<LogoutRequest>()
            .Produces(StatusCodes.Status204NoContent)
            .ProducesEngineChanges().ProducesProblems(AccountProblems.NoSuchSession(), AccountProblems.NoSuchAccount())
            .WithExample(null, """{"everywhere":true}""");
        routes.MapDelete("/{id}", EndAsync)
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("EndLoginSession").WithSummary("Ends one of the player's login sessions")
            .WithRouteExample("id", Examples.Session, "The login session's id.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesEngineChanges().ProducesProblems(AccountProblems.NoSuchSession());
    }

    private static async Task LogOutAsync(HttpContext context, AccountEngine engine)
    {
        var everywhere = false;
        await AccountRequests.ReadOptionalAsync(context, fields => everywhere = fields.Flag("everywhere") == true);
        var player = context.GetPrincipal();
        if (!everywhere && player.LoginSession is null)
            throw AccountProblems.NoSuchSession();
        var refusal = await SubmitAsync(engine, player, AccountKind.EndSessions(player.Name, only: everywhere ? null : player.LoginSession), context);

        // It has ended already: somebody else was quicker.
        if (refusal is not null && refusal.Detail != AccountCodes.NoSuchSession)
            throw AccountProblems.NoSuchAccount();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task EndAsync(HttpContext context, string id, AccountEngine engine)
    {
        var player = context.GetPrincipal();
        if (await SubmitAsync(engine, player, AccountKind.EndSessions(player.Name, only: id), context) is not null)
            throw AccountProblems.NoSuchSession();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task<Refusal?> SubmitAsync(AccountEngine engine, Principal player, Mutation mutation, HttpContext context) =>
        engine.SubmitAsync(new AwaitedUnit { Actor = player.Actor, Mutations = [mutation] }, context.RequestAborted);
}
