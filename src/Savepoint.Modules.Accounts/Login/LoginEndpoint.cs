using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Protocol;

namespace Savepoint.Modules.Accounts.Login;

/// <summary><c>POST /api/v1/session/login</c>: logs in with a user name and password, a device, or a token of the studio's own issuer.</summary>
internal sealed class LoginEndpoint(Logins logins, Registration registration, StudioTokens studio, AccountMetrics metrics)
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/login", static (HttpContext context, LoginEndpoint endpoint) => endpoint.HandleAsync(context))
        .WithName("LogIn").WithSummary("Logs in")
        .Accepts<LoginRequest>("application/json")
        .Produces<GrantAnswer>()
        .CostsPasswordWork()
        .ProducesEngineChanges()
        .ProducesProblems(
            AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero), AccountProblems.Busy(), AccountProblems.BadUserName(), AccountProblems.BadDeviceId())
        .ProducesProblems(ErrorCodes.Unauthenticated)
        .WithExample(
            Examples.Grant,
            """{"userName":"ada","password":"correct horse battery"}""");

    private async Task HandleAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (credentials, client) = (Credentials.Read(fields), AccountRequests.ClientOf(context, fields));

        // A studio vouches for its players: their first login makes the account.
        var mayCreate = credentials.Type == IdentityKeys.Studio || (credentials.Type == IdentityKeys.Device && fields.Flag("create") == true);
        fields.EndOfFields();
        try
        {
            await AccountJson.WriteAsync(context, await LogInAsync(credentials, mayCreate, client, context.RequestAborted));
            metrics.LoggedIn(credentials.Type, "ok");
        }
        catch (ProblemException problem)
        {
            metrics.LoggedIn(credentials.Type, AccountRequests.OutcomeOf(problem));
            throw;
        }
    }

    private Task<Grant> LogInAsync(Credentials credentials, bool mayCreate, ClientInfo client, CancellationToken cancellationToken)
    {
        var identity = credentials.Identify(studio);
        return credentials.Password is { } password
            ? logins.ByPasswordAsync(identity.Key, password, client, cancellationToken)
            : InAsync(identity, mayCreate, client, cancellationToken);
    }

    /// <summary>Logs in whoever has shown to have an identity that takes no password.</summary>
    private async Task<Grant> InAsync(LinkedIdentity identity, bool mayCreate, ClientInfo client, CancellationToken cancellationToken)
    {
        if (await logins.UserOfAsync(identity.Key, cancellationToken) is { } user)
            return await logins.OpenAsync(user, identity.Key, client, cancellationToken);
        if (!mayCreate)
            throw AccountProblems.LoginFailed();
        try
        {
            return await registration.RegisterAsync([new NewIdentity(identity)], client, repeatable: null, cancellationToken);
        }
        catch (ProblemException taken) when (taken.Error.Code == AccountCodes.IdentityTaken)
        {
            // The same player, twice at once.
            var first = await logins.UserOfAsync(identity.Key, cancellationToken) ?? throw AccountProblems.LoginFailed();
            return await logins.OpenAsync(first, identity.Key, client, cancellationToken);
        }
    }
}
