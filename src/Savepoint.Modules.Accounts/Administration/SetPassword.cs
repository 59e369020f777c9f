using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.Accounts.Administration;

/// <summary>
/// <c>POST /api/v1/accounts/{userId}/password</c>: a player changes its password, and has to know the one that it has; an admin sets it. In the same unit other sessions
/// end: who had the password may have been somebody else.
/// </summary>
internal sealed class SetPassword(AccountEngine engine, PasswordAttempts attempts, PasswordHashes passwords, AdministerAccounts administration)
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/{userId}/password", static (HttpContext context, string userId, SetPassword endpoint) => endpoint.HandleAsync(context, userId))
        .RequirePrincipal(PrincipalRole.Player, PrincipalRole.Admin)
        .WithName("SetPassword").WithSummary("Changes or sets the password of an account")
        .Accepts<PasswordRequest>("application/json")
        .Produces(StatusCodes.Status204NoContent)
        .WithUserExample()
        .CostsPasswordWork()
        .ProducesEngineChanges()
        .ProducesProblems(
            AccountProblems.BadPassword(""), AccountProblems.LoginFailed(), AccountProblems.LockedOut(TimeSpan.Zero), AccountProblems.NoSuchAccount(), AccountProblems.NoSuchIdentity(""),
            AccountProblems.Busy())
        .WithExample(null, """{"current":"correct horse battery","new":"another horse battery"}""");

    private async Task HandleAsync(HttpContext context, string userId)
    {
        var asking = context.GetPrincipal();
        var isPlayer = asking.Role == PrincipalRole.Player;
        if (isPlayer && asking.Name != userId)
            throw new ProblemException(RequestErrors.Of(ErrorCodes.Forbidden, "Players change their own passwords only."));
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        var fields = new JsonFields(body.RootElement);
        var (current, password, reason) = (isPlayer ? fields.RequiredText("current") : null, fields.RequiredText("new"), isPlayer ? null : AdministerAccounts.ReasonIn(fields));
        fields.EndOfFields();

        var account = AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(userId), context.RequestAborted)).Document) ?? throw AccountProblems.NoSuchAccount();
        var name = account.Identity(IdentityKeys.Name) ?? throw AccountProblems.NoSuchIdentity(IdentityKeys.Name);
        PasswordRules.Check(password, name.Label ?? "");

        // Before the present one is tried: what may fail for want of room would else be a right password that came to nothing.
        var hash = await passwords.HashAsync(password, context.RequestAborted);
        await (current is null ? SetAsync(context, userId, name, hash, reason) : ChangeAsync(context, asking, name, current, hash));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task<bool> ChangeAsync(HttpContext context, Principal player, LinkedIdentity name, string current, string hash) => attempts.TryAsync(
        name.Key,
        current,
        async right =>
        {
            var unit = new AwaitedUnit
            {
                Actor = player.Actor,
                Mutations = [AccountKind.EndSessions(player.Name, allBut: player.LoginSession), IdentityKind.SetPassword(name.Key, player.Name, hash, right.CheckedHash)],
            };
            return await engine.SubmitAsync(unit, context.RequestAborted) is not { } refusal ? true
                : throw (refusal.Detail == AccountCodes.NoSuchAccount ? AccountProblems.NoSuchAccount() : AccountProblems.LoginFailed());
        },
        context.RequestAborted);

    private async Task SetAsync(HttpContext context, string userId, LinkedIdentity name, string hash, string? reason)
    {
        var refusal = await administration.CarryOutAsync(
            context,
            userId,
            new AdminDeed("account.password", reason),
            AccountKind.EndSessions(userId),
            IdentityKind.SetPassword(name.Key, userId, hash, checkedHash: null));
        if (refusal is not null)
            throw refusal.Detail == AccountCodes.NoSuchAccount ? AccountProblems.NoSuchAccount() : AccountProblems.NoSuchIdentity(IdentityKeys.Name);
    }
}
