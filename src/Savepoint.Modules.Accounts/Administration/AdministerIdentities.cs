using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Linking;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Administration;

/// <summary>
/// <c>POST /api/v1/accounts/{userId}/identities</c> and <c>DELETE …/{type}</c>: an admin gives an account a user name, and takes ways in away, so that somebody whose account
/// another one has made its own gets it back. All sessions end with either.
/// </summary>
internal sealed class AdministerIdentities(AdministerAccounts administration, IdentityLinks links, PasswordHashes passwords)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/{userId}/identities", static (HttpContext context, string userId, AdministerIdentities endpoints) => endpoints.LinkAsync(context, userId))
            .RequirePrincipal(PrincipalRole.Admin)
            .WithName("GiveAccountName").WithSummary("Gives an account that has none a user name, and ends all login sessions of its player")
            .Accepts<NameRequest>("application/json")
            .WithUserExample()
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineChanges()
            .ProducesProblems(
                AccountProblems.BadUserName(), AccountProblems.BadPassword(""), AccountProblems.IdentityExists(""), AccountProblems.IdentityTaken(""), AccountProblems.NoSuchAccount(),
                AccountProblems.Busy())
            .WithExample(null, """{"userName":"ada","password":"correct horse battery","reason":"support:4711"}""");
        routes.MapDelete("/{userId}/identities/{type}", static (HttpContext context, string userId, string type, AdministerIdentities endpoints) => endpoints.UnlinkAsync(context, userId, type))
            .RequirePrincipal(PrincipalRole.Admin)
            .WithName("TakeAccountIdentity").WithSummary("Takes a way into an account away, and ends all login sessions of its player")
            .AcceptsOptional<ReasonRequest>()
            .WithUserExample()
            .WithRouteExample("type", "device", "The identity's type: `name`, `device` or `studio`.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesEngineChanges()
            .ProducesProblems(AccountProblems.NoSuchIdentity(""), AccountProblems.LastIdentity(), AccountProblems.NoSuchAccount())
            .WithExample(null, """{"reason":"support:4711"}""");
    }

    private async Task LinkAsync(HttpContext context, string userId)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (userName, password, reason) = (fields.RequiredText("userName"), fields.RequiredText("password"), AdministerAccounts.ReasonIn(fields));
        fields.EndOfFields();
        var identity = new LinkedIdentity(IdentityKeys.TryName(userName, out var name) ? name : throw AccountProblems.BadUserName(), userName);
        PasswordRules.Check(password, userName);
        await links.CheckAsync(await links.AccountAsync(userId, context.RequestAborted), identity, context.RequestAborted);
        var made = new NewIdentity(identity, await passwords.HashAsync(password, context.RequestAborted));
        var deed = new AdminDeed("account.link", reason) { After = AdminDeed.Identity(identity.Type) };
        await IdentityLinks.LinkAsync(userId, LinkAsker.Admin, made, mutations => administration.CarryOutAsync(context, userId, deed, mutations));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task UnlinkAsync(HttpContext context, string userId, string type)
    {
        string? reason = null;
        await AccountRequests.ReadOptionalAsync(context, fields => reason = AdministerAccounts.ReasonIn(fields));
        var account = await links.AccountAsync(userId, context.RequestAborted);
        if (!IdentityKeys.IsType(type) || account.Identity(type) is not { } identity)
            throw AccountProblems.NoSuchIdentity(type);
        var deed = new AdminDeed("account.unlink", reason) { Before = AdminDeed.Identity(type) };
        await links.UnlinkAsync(
            userId, LinkAsker.Admin, identity, mutations => administration.CarryOutAsync(context, userId, deed, mutations), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
