using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Linking;

/// <summary>
/// <c>POST /api/v1/accounts/me/identities</c> and <c>DELETE …/{type}</c>: gives an account another way in, and takes one away. The identity and what the account knows of
/// it change in one unit.
/// </summary>
internal sealed class LinkEndpoints(AccountEngine engine, Logins logins, PasswordHashes passwords, StudioTokens studio)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/identities", static (HttpContext context, LinkEndpoints endpoints) => endpoints.LinkAsync(context))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("LinkIdentity").WithSummary("Gives the player's account another way in")
            .Accepts<LoginRequest>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineProblems()
            .ProducesProblems(
                AccountProblems.BadUserName(), AccountProblems.BadPassword(""), AccountProblems.BadDeviceId(), AccountProblems.Busy(), AccountProblems.IdentityExists(""),
                AccountProblems.IdentityTaken(""), AccountProblems.NoSuchAccount())
            .WithExample(null, """{"deviceId":"a-secret-of-this-device"}""");
        routes.MapDelete("/identities/{type}", static (HttpContext context, string type, LinkEndpoints endpoints) => endpoints.UnlinkAsync(context, type))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("UnlinkIdentity").WithSummary("Takes a way into the player's account away")
            .WithRouteExample("type", "device", "The identity's type: `name`, `device` or `studio`.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesEngineProblems()
            .ProducesProblems(AccountProblems.NoSuchIdentity(""), AccountProblems.LastIdentity(), AccountProblems.NoSuchAccount());
    }

    private async Task LinkAsync(HttpContext context)
    {
        var player = context.GetPrincipal();
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (identity, password) = Read(fields);
        fields.EndOfFields();
        var account = await AccountAsync(player, context.RequestAborted);
        if (account.Identity(identity.Type) is not null)
            throw AccountProblems.IdentityExists(identity.Type);

        // Before a password costs anything.
        if (await logins.UserOfAsync(identity.Key, context.RequestAborted) is not null)
            throw AccountProblems.IdentityTaken(identity.Type);
        var hash = password is null ? null : await passwords.HashAsync(password, context.RequestAborted);
        var refusal = await SubmitAsync(context, player, AccountKind.Link(player.Name, player.LoginSession, identity), IdentityKind.Create(identity.Key, player.Name, hash));
        if (refusal is not null)
        {
            throw refusal.Code == RefusalCode.VersionMismatch ? AccountProblems.IdentityTaken(identity.Type)
                : refusal.Detail == AccountCodes.IdentityExists ? AccountProblems.IdentityExists(identity.Type)
                : IsOut(refusal) ? AccountProblems.SessionEnded()
                : AccountProblems.NoSuchAccount();
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task UnlinkAsync(HttpContext context, string type)
    {
        var player = context.GetPrincipal();
        var account = await AccountAsync(player, context.RequestAborted);
        if (!IdentityKeys.IsType(type) || account.Identity(type) is not { } identity)
            throw AccountProblems.NoSuchIdentity(type);
        var refusal = await SubmitAsync(
            context,
            player,
            AccountKind.Unlink(player.Name, player.LoginSession, identity.Key, type),
            new Mutation { Key = identity.Key, Kind = MutationKind.Erase, ExpectedVersion = Mutation.AnyVersion });
        if (refusal is not null)
        {
            throw refusal.Detail == AccountCodes.LastIdentity ? AccountProblems.LastIdentity()
                : IsOut(refusal) ? AccountProblems.SessionEnded()
                : AccountProblems.NoSuchIdentity(type);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private (LinkedIdentity Identity, string? Password) Read(JsonFields fields)
    {
        var (userName, deviceId, token) = (fields.Text("userName"), fields.Text("deviceId"), fields.Text("token"));
        if ((userName is null ? 0 : 1) + (deviceId is null ? 0 : 1) + (token is null ? 0 : 1) != 1)
            throw JsonFields.Invalid("", "has to have one of 'userName', 'deviceId' and 'token'");
        if (token is not null)
            return (studio.Find(token) ?? throw AccountProblems.LoginFailed(), null);
        if (deviceId is not null)
            return (IdentityKeys.TryDevice(deviceId, out var device) ? new LinkedIdentity(device, Label: null) : throw AccountProblems.BadDeviceId(), null);
        var password = fields.RequiredText("password");
        if (!IdentityKeys.TryName(userName, out var name))
            throw AccountProblems.BadUserName();
        PasswordRules.Check(password, userName!);
        return (new LinkedIdentity(name, userName), password);
    }

    /// <summary>Whether the player was logged out, or kept out, since the request was admitted.</summary>
    private static bool IsOut(Refusal refusal) => refusal.Detail is AccountCodes.NoSuchSession or AccountCodes.Disabled;

    private async Task<AccountState> AccountAsync(Principal player, CancellationToken cancellationToken) =>
        AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(player.Name), cancellationToken)).Document) ?? throw AccountProblems.NoSuchAccount();

    private Task<Refusal?> SubmitAsync(HttpContext context, Principal player, params Mutation[] mutations) =>
        engine.SubmitAsync(new SubmittedUnit { Actor = player.Actor, Mutations = mutations }, context.RequestAborted);
}
