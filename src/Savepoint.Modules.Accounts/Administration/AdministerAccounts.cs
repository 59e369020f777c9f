using Savepoint.Engine.Audit;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Requests;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Administration;

/// <summary>
/// <c>POST /api/v1/accounts/{userId}/disable</c>, <c>/enable</c>, <c>/logout</c>: what admins do with accounts. An entry of the audit log is in the unit of each, so that
/// neither is without the other.
/// </summary>
internal sealed class AdministerAccounts(AccountEngine engine, TimeProvider time)
{
    private const int MaxReasonLength = 256;

    public static void Map(IEndpointRouteBuilder routes)
    {
        MapOne(routes, "disable", "DisableAccount", "Keeps a player out, and ends all of its sessions", static user => AccountKind.Disable(user, disabled: true));
        MapOne(routes, "enable", "EnableAccount", "Lets a player in again", static user => AccountKind.Disable(user, disabled: false));
        MapOne(routes, "logout", "LogOutAccount", "Ends all login sessions of a player", static user => AccountKind.EndSessions(user));
    }

    /// <summary>Carries out what an admin asks for, and writes it down.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">There is no such account, or it can't be done now.</exception>
    public async Task<Refusal?> CarryOutAsync(HttpContext context, string userId, AdminDeed deed, params Mutation[] mutations)
    {
        var admin = context.GetPrincipal();
        var entry = new AuditEntry(admin.Actor, deed.Action, "account/" + userId)
        {
            Address = AccountRequests.AddressOf(context),
            Reason = deed.Reason,
            Before = deed.Before,
            After = deed.After,
        };
        var unit = new AwaitedUnit
        {
            Actor = admin.Actor,
            Reason = UnitReason.Shorten(deed.Reason),
            Mutations = [.. mutations, AuditLog.Of(userId, time.GetUtcNow(), Guid.NewGuid(), entry)],
        };
        return await engine.SubmitAsync(unit, context.RequestAborted);
    }

    /// <summary>Why an admin does something, for the audit log.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">It is too long, or has control characters: no document takes NUL, and none of the others is for those who read the log.</exception>
    public static string? ReasonIn(JsonFields fields)
    {
        if (fields.Text("reason") is not { } reason)
            return null;
        return reason.Length <= MaxReasonLength && !reason.Any(char.IsControl)
            ? reason
            : throw fields.Wrong("reason", $"has at most {MaxReasonLength} characters, and no control characters");
    }

    private static void MapOne(IEndpointRouteBuilder routes, string action, string name, string summary, Func<string, Mutation> mutation) => routes
        .MapPost("/{userId}/" + action, async (HttpContext context, string userId, AdministerAccounts administration) =>
        {
            string? reason = null;
            await AccountRequests.ReadOptionalAsync(context, fields => reason = ReasonIn(fields));
            if (await administration.CarryOutAsync(context, userId, new AdminDeed("account." + action, reason), mutation(userId)) is not null)
                throw AccountProblems.NoSuchAccount();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        })
        .RequirePrincipal(PrincipalRole.Admin)
        .WithName(name).WithSummary(summary)
        .AcceptsOptional<ReasonRequest>()
        .WithUserExample()
        .Produces(StatusCodes.Status204NoContent)
        .ProducesEngineChanges().ProducesProblems(AccountProblems.NoSuchAccount())
        .WithExample(null, """{"reason":"support:4711"}""");
}
