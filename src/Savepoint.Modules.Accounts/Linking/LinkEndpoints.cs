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
/// <c>POST /api/v1/accounts/me/identities</c> and <c>DELETE …/{type}</c>: gives a player's account another way in, and takes one away. A player with a name has to give its
/// password as <c>current</c>, others have to have logged in within the last 10 minutes: whoever has come by an access token can't make the account its own.
/// </summary>
internal sealed class LinkEndpoints(AccountEngine engine, IdentityLinks links, PasswordAttempts attempts, PasswordHashes passwords, StudioTokens studio, TimeProvider time)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/identities", static (HttpContext context, LinkEndpoints endpoints) => endpoints.LinkAsync(context))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("LinkIdentity").WithSummary("Gives the player's account another way in")
            .Accepts<LinkRequest>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineProblems()
            .ProducesProblems(
                AccountProblems.BadUserName(), AccountProblems.BadPassword(""), AccountProblems.BadDeviceId(), AccountProblems.IdentityExists(""), AccountProblems.IdentityTaken(""))
            .ProducesProblems(OfProof)
            .WithExample(null, """{"deviceId":"a-secret-of-this-device","current":"correct horse battery"}""");
        routes.MapDelete("/identities/{type}", static (HttpContext context, string type, LinkEndpoints endpoints) => endpoints.UnlinkAsync(context, type))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("UnlinkIdentity").WithSummary("Takes a way into the player's account away")
            .AcceptsOptional<UnlinkRequest>()
            .WithRouteExample("type", "device", "The identity's type: `name`, `device` or `studio`.")
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineProblems()
            .ProducesProblems(AccountProblems.LastIdentity())
            .ProducesProblems(OfProof)
            .WithExample(null, """{"current":"correct horse battery"}""");
    }

    /// <summary>What may become of having to show who asks.</summary>
    private static IEnumerable<Hosting.Problems.ProblemException> OfProof =>
    [
        AccountProblems.NoSuchIdentity(""), AccountProblems.NoSuchAccount(), AccountProblems.LoginRequired(), AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero),
        AccountProblems.Busy(),
    ];

    private async Task LinkAsync(HttpContext context)
    {
        var player = context.GetPrincipal();
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (credentials, current) = (Credentials.Read(fields), fields.Text("current"));
        fields.EndOfFields();
        var identity = credentials.Identify(studio);
        if (credentials.Password is not null)
            PasswordRules.Check(credentials.Password, credentials.Text);
        var account = await links.AccountAsync(player.Name, context.RequestAborted);
        await links.CheckAsync(account, identity, context.RequestAborted);
        await ProveAsync(context, account, current, async (asker, right) =>
        {
            var hash = credentials.Password is null ? null : await passwords.HashAsync(credentials.Password, context.RequestAborted);
            IEnumerable<Mutation> with = right is null ? [] : [IdentityKind.Succeed(account.Identity(IdentityKeys.Name)!.Key, right.CheckedHash, right.NewHash)];
            await IdentityLinks.LinkAsync(player.Name, asker, new NewIdentity(identity, hash), mutations => SubmitAsync(context, player, mutations), with);
        });
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task UnlinkAsync(HttpContext context, string type)
    {
        var player = context.GetPrincipal();
        string? current = null;
        await AccountRequests.ReadOptionalAsync(context, fields => current = fields.Text("current"));
        var account = await links.AccountAsync(player.Name, context.RequestAborted);
        if (!IdentityKeys.IsType(type) || account.Identity(type) is not { } identity)
            throw AccountProblems.NoSuchIdentity(type);
        if (account.HasOneIdentity)
            throw AccountProblems.LastIdentity();
        await ProveAsync(context, account, current, (asker, right) => links.UnlinkAsync(
            player.Name, asker, identity, right, mutations => SubmitAsync(context, player, mutations), context.RequestAborted));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Goes on with what is asked for once it is shown that it is the player who asks.</summary>
    private async Task ProveAsync(HttpContext context, AccountState account, string? current, Func<LinkAsker, RightPassword?, Task> then)
    {
        var player = context.GetPrincipal();
        if (account.Identity(IdentityKeys.Name) is { } name)
        {
            await attempts.TryAsync(name.Key, current ?? throw JsonFields.Invalid("current", "is missing"), WithRightAsync, context.RequestAborted);
            return;
        }

        // There is no password that it could be.
        if (current is not null)
            throw AccountProblems.NoSuchIdentity(IdentityKeys.Name);
        var asker = LinkAsker.Player(player.LoginSession);
        if (asker.RefusalOf(account, time.GetUtcNow()) == AccountCodes.LoginRequired)
            throw AccountProblems.LoginRequired();
        await then(asker, null);

        async Task<bool> WithRightAsync(RightPassword right)
        {
            // After a repair the name may be somebody else's.
            if (right.Identity.UserId != player.Name)
                throw AccountProblems.LoginFailed();
            await then(LinkAsker.Player(player.LoginSession, name.Key), right);
            return true;
        }
    }

    private Task<Refusal?> SubmitAsync(HttpContext context, Principal player, Mutation[] mutations) =>
        engine.SubmitAsync(new SubmittedUnit { Actor = player.Actor, Mutations = mutations }, context.RequestAborted);
}
