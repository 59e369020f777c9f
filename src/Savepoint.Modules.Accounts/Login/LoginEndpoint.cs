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
        .ProducesEngineProblems()
        .ProducesProblems(
            AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero), AccountProblems.Busy(), AccountProblems.BadUserName(), AccountProblems.BadPassword(""),
            AccountProblems.BadDeviceId())
        .ProducesProblems(ErrorCodes.Unauthenticated)
        .WithExample(
            Examples.Grant,
            """{"userName":"ada","password":"correct horse battery"}""");

    private async Task HandleAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var login = Read(context, fields);
        fields.EndOfFields();
        try
        {
            await AccountJson.WriteAsync(context, await login.Run(context.RequestAborted));
            metrics.LoggedIn(login.Method, "ok");
        }
        catch (ProblemException problem)
        {
            metrics.LoggedIn(login.Method, AccountRequests.OutcomeOf(problem));
            throw;
        }
    }

    private (string Method, Func<CancellationToken, Task<Grant>> Run) Read(HttpContext context, JsonFields fields)
    {
        var (userName, deviceId, token) = (fields.Text("userName"), fields.Text("deviceId"), fields.Text("token"));
        var client = AccountRequests.ClientOf(context, fields);
        if ((userName is null ? 0 : 1) + (deviceId is null ? 0 : 1) + (token is null ? 0 : 1) != 1)
            throw JsonFields.Invalid("", "has to have one of 'userName', 'deviceId' and 'token'");
        if (userName is not null)
        {
            var password = fields.RequiredText("password");
            return (IdentityKeys.Name, cancel => IdentityKeys.TryName(userName, out var name)
                ? logins.ByPasswordAsync(name, password, client, cancel)
                : throw AccountProblems.BadUserName());
        }

        if (token is not null)
            return (IdentityKeys.Studio, cancel => InAsync(studio.Find(token) ?? throw AccountProblems.LoginFailed(), mayCreate: true, client, cancel));
        var mayCreate = fields.Flag("create") == true;
        return (IdentityKeys.Device, cancel => IdentityKeys.TryDevice(deviceId, out var device)
            ? InAsync(new LinkedIdentity(device, Label: null), mayCreate, client, cancel)
            : throw AccountProblems.BadDeviceId());
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
