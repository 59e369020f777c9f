using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Protocol;

namespace Savepoint.Modules.Accounts.Login;

/// <summary><c>POST /api/v1/session/register</c>: makes an account with a user name, and logs in.</summary>
internal static class RegisterEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/register", HandleAsync)
        .WithName("Register").WithSummary("Registers a user name")
        .Accepts<RegisterRequest>("application/json")
        .Produces<GrantAnswer>(StatusCodes.Status201Created)
        .TakesIdempotencyKey()
        .CostsPasswordWork()
        .ProducesEngineChanges()
        .ProducesProblems(
            AccountProblems.BadUserName(), AccountProblems.BadPassword(""), AccountProblems.BadDeviceId(), AccountProblems.IdentityTaken(""), AccountProblems.Busy(),
            AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero))
        .ProducesProblems(ErrorCodes.RequestReused)
        .WithExample(
            Examples.FirstGrant,
            """{"userName":"ada","password":"correct horse battery"}""",
            StatusCodes.Status201Created);

    private static async Task HandleAsync(HttpContext context, Registration registration, Logins logins, PasswordHashes passwords, AccountMetrics metrics)
    {
        try
        {
            await AccountJson.WriteAsync(context, await RegisterAsync(context, registration, logins, passwords), StatusCodes.Status201Created);
            metrics.Registered("ok");
        }
        catch (ProblemException problem)
        {
            metrics.Registered(AccountRequests.OutcomeOf(problem));
            throw;
        }
    }

    private static async Task<Grant> RegisterAsync(HttpContext context, Registration registration, Logins logins, PasswordHashes passwords)
    {
        var key = IdempotencyKey.Read(context.Request);
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (userName, password, deviceId) = (fields.RequiredText("userName"), fields.RequiredText("password"), fields.Text("deviceId"));
        var client = AccountRequests.ClientOf(context, fields);
        fields.EndOfFields();
        if (!IdentityKeys.TryName(userName, out var name))
            throw AccountProblems.BadUserName();
        PasswordRules.Check(password, userName);
        List<NewIdentity> identities = [new(new LinkedIdentity(name, userName))];
        if (deviceId is not null)
            identities.Add(new(new LinkedIdentity(IdentityKeys.TryDevice(deviceId, out var device) ? device : throw AccountProblems.BadDeviceId(), Label: null)));

        // Whoever repeats a request gets its outcome, though the name is taken by now. Others are told before their password costs anything.
        if (key is null && await logins.UserOfAsync(name, context.RequestAborted) is not null)
            throw AccountProblems.IdentityTaken(IdentityKeys.Name);
        identities[0] = identities[0] with { PasswordHash = await passwords.HashAsync(password, context.RequestAborted) };
        RepeatableRegistration? repeatable = key is null ? null : registration.Repeatable(key, name, password, deviceId ?? "");
        return await registration.RegisterAsync(identities, client, repeatable, context.RequestAborted);
    }
}
