using System.Security.Cryptography;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Refreshing;

/// <summary><c>POST /api/v1/session/refresh</c>: gives the next tokens of a login session for its refresh token, which is good once.</summary>
internal sealed class RefreshEndpoint(AccountEngine engine, RefreshTokens tokens, Granting granting, AccountMetrics metrics)
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/refresh", static (HttpContext context, RefreshEndpoint endpoint) => endpoint.HandleAsync(context))
        .WithName("Refresh").WithSummary("Gets the next tokens")
        .Accepts<RefreshRequest>("application/json")
        .Produces<GrantAnswer>()
        .ProducesEngineChanges()
        .ProducesProblems(AccountProblems.RefreshInvalid(), AccountProblems.RefreshReused())
        .WithExample(
            Examples.Grant,
            $$"""{"refreshToken":"{{Examples.RefreshToken}}"}""");

    private async Task HandleAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var text = fields.RequiredText("refreshToken");
        fields.EndOfFields();
        try
        {
            await AccountJson.WriteAsync(context, await RefreshAsync(text, context.RequestAborted));
            metrics.Refreshed("ok");
        }
        catch (ProblemException problem)
        {
            metrics.Refreshed(AccountRequests.OutcomeOf(problem));
            throw;
        }
    }

    private async Task<Grant> RefreshAsync(string text, CancellationToken cancellationToken)
    {
        if (!tokens.TryRead(text, out var shown))
            throw AccountProblems.RefreshInvalid();
        var next = tokens.Next(shown);
        var nextHash = next.Hash();
        var unit = new AwaitedUnit { Actor = Principal.Player(shown.UserId).Actor, Mutations = [AccountKind.Refresh(shown.UserId, shown.SessionId, shown.Hash(), nextHash)] };
        if (await engine.SubmitAsync(unit, cancellationToken) is not null)
            throw AccountProblems.RefreshInvalid();
        var session = AccountState.From(await engine.ResultAsync(unit.Mutations[0], cancellationToken))?.Session(shown.SessionId);
        if (session is null)
        {
            metrics.Reused();
            throw AccountProblems.RefreshReused();
        }

        // Where the document was read later, the session may have gone on by then: whoever shows a token of before has lost the race.
        return CryptographicOperations.FixedTimeEquals(session.TokenHash.Span, nextHash) ? granting.Give(next, session.ExpiresAt) : throw AccountProblems.RefreshInvalid();
    }
}
