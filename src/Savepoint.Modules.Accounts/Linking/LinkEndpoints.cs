using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
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
/// <c>POST /api/v1/accounts/me/identities</c> and <c>POST …/{type}/unlink</c>: gives a player's account another way in, and takes one away. A player with a name has to give its
/// password, others their device or a token of the studio's own issuer (<see cref="CurrentIdentity"/>): whoever has come by an access token and nothing else changes nothing.
/// </summary>
internal sealed class LinkEndpoints(AccountEngine engine, IdentityLinks links, PasswordAttempts attempts, PasswordHashes passwords, StudioTokens studio)
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/identities", static (HttpContext context, LinkEndpoints endpoints) => endpoints.LinkAsync(context))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("LinkIdentity").WithSummary("Gives the player's account another way in")
            .Accepts<LinkRequest>("application/json")
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineChanges()
            .ProducesProblems(
                AccountProblems.BadUserName(), AccountProblems.BadPassword(""), AccountProblems.BadDeviceId(), AccountProblems.IdentityExists(""), AccountProblems.IdentityTaken(""))
            .ProducesProblems(OfProof)
            .WithExample(null, """{"deviceId":"a-secret-of-this-device","current":"correct horse battery"}""");
        routes.MapPost("/identities/{type}/unlink", static (HttpContext context, string type, LinkEndpoints endpoints) => endpoints.UnlinkAsync(context, type))
            .RequirePrincipal(PrincipalRole.Player)
            .WithName("UnlinkIdentity").WithSummary("Takes a way into the player's account away")
            .Accepts<UnlinkRequest>("application/json")
            .WithRouteExample("type", "device", "The identity's type: `name`, `device` or `studio`.")
            .Produces(StatusCodes.Status204NoContent)
            .CostsPasswordWork()
            .ProducesEngineChanges()
            .ProducesProblems(AccountProblems.LastIdentity())
            .ProducesProblems(OfProof)
            .WithExample(null, """{"current":"correct horse battery"}""");
    }

    /// <summary>What may become of having to show who asks.</summary>
    private static IEnumerable<Hosting.Problems.ProblemException> OfProof =>
    [
        AccountProblems.NoSuchIdentity(""), AccountProblems.NoSuchAccount(), AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero),
        AccountProblems.Busy(),
    ];

    private async Task LinkAsync(HttpContext context)
    {
        var player = context.GetPrincipal();
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (credentials, current) = (Credentials.Read(fields), CurrentIdentity.Read(fields));
        fields.EndOfFields();
        var identity = credentials.Identify(studio);
        if (credentials.Password is not null)
            PasswordRules.Check(credentials.Password, credentials.Text);
        var account = await links.AccountAsync(player.Name, context.RequestAborted);
        await links.CheckAsync(account, identity, context.RequestAborted);
        await ProveAsync(context, account, current, async asker =>
        {
            var hash = credentials.Password is null ? null : await passwords.HashAsync(credentials.Password, context.RequestAborted);
            await IdentityLinks.LinkAsync(player.Name, asker, new NewIdentity(identity, hash), mutations => SubmitAsync(context, player, mutations));
        });
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task UnlinkAsync(HttpContext context, string type)
    {
        var player = context.GetPrincipal();
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var current = CurrentIdentity.Read(fields);
        fields.EndOfFields();
        var account = await links.AccountAsync(player.Name, context.RequestAborted);
        if (!IdentityKeys.IsType(type) || account.Identity(type) is not { } identity)
            throw AccountProblems.NoSuchIdentity(type);
        if (account.HasOneIdentity)
            throw AccountProblems.LastIdentity();
        await ProveAsync(context, account, current, asker => links.UnlinkAsync(
            player.Name, asker, identity, mutations => SubmitAsync(context, player, mutations), context.RequestAborted));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>Goes on with what is asked for once it is shown that it is the player who asks.</summary>
    private async Task ProveAsync(HttpContext context, AccountState account, CurrentIdentity current, Func<LinkAsker, Task> then)
    {
        var player = context.GetPrincipal();
        if (account.Identity(IdentityKeys.Name) is { } name)
        {
            await attempts.TryAsync(name.Key, current.RequiredPassword, WithRightAsync, context.RequestAborted);
            return;
        }

        var shown = current.WithoutPassword(studio);
        if (shown is null || account.AllIdentities().All(identity => identity.Key != shown) || !await links.IsOfAsync(shown.Value, player.Name, context.RequestAborted))
            throw AccountProblems.LoginFailed();
        await then(LinkAsker.Player(player.LoginSession, shown.Value));

        async Task<bool> WithRightAsync(RightPassword right)
        {
            // After a repair the name may be somebody else's.
            if (right.Identity.UserId != player.Name)
                throw AccountProblems.LoginFailed();
            await then(LinkAsker.Player(player.LoginSession, right));
            return true;
        }
    }

    private Task<Refusal?> SubmitAsync(HttpContext context, Principal player, Mutation[] mutations) =>
        engine.SubmitAsync(new AwaitedUnit { Actor = player.Actor, Mutations = mutations }, context.RequestAborted);
}
