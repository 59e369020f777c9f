using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Routing;
using Savepoint.Hosting.Users;
using Savepoint.Modules.Accounts.Administration;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Linking;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Records;
using Savepoint.Modules.Accounts.Refreshing;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.Sessions;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts;

/// <summary>Lets players log in over HTTP, under <c>/api/v1/session</c> and <c>/api/v1/accounts</c> (docs/how-to/log-in.md).</summary>
public static class AccountsModule
{
    /// <summary>Registers what the endpoints need.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="options">The settings.</param>
    public static SavepointBuilder AddAccounts(this SavepointBuilder savepoint, AccountsOptions options)
    {
        ArgumentNullException.ThrowIfNull(savepoint);
        savepoint.AddIdentities().AddAccountKind();
        var services = savepoint.Services;
        services.TryAddSingleton(options);
        services.AddProblemCodes(typeof(AccountCodes));
        services.TryAddSingleton<AccountMetrics>();
        services.TryAddSingleton<AccountEngine>();
        services.TryAddSingleton<PasswordThreads>();
        services.TryAddSingleton<PasswordHashes>();
        services.TryAddSingleton<UnknownNames>();
        services.TryAddSingleton<PasswordTurns>();
        services.TryAddSingleton<PasswordAttempts>();
        services.TryAddSingleton<RefreshTokens>();
        services.TryAddSingleton<Granting>();
        services.TryAddSingleton<Logins>();
        services.TryAddSingleton<Registration>();
        services.TryAddSingleton<StudioTokens>();
        services.TryAddSingleton<LoginEndpoint>();
        services.TryAddSingleton<RefreshEndpoint>();
        services.TryAddSingleton<AdministerAccounts>();
        services.TryAddSingleton<SetPassword>();
        services.TryAddSingleton<IdentityLinks>();
        services.TryAddSingleton<LinkEndpoints>();
        services.TryAddSingleton<AdministerIdentities>();
        services.TryAddSingleton<ILoginSessions, AccountLoginSessions>();
        services.TryAddSingleton<LostIdentities>();
        services.AddSingleton<IUserRecords, AccountRecords>();
        return savepoint;
    }

    /// <summary>Maps the endpoints.</summary>
    /// <returns>All of them, so that a host can say more of them.</returns>
    public static IEndpointConventionBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1").WithTags("Accounts").WithMaxBody(AccountRequests.MaxBodyBytes);

        // Whose shard it is stands in the body, where there is no token yet: the engine finds its way from any node.
        var session = all.MapGroup("/session").RouteToOwner(byToken: true);
        RegisterEndpoint.Map(session);
        LoginEndpoint.Map(session);
        RefreshEndpoint.Map(session);
        LogOut.Map(session);
        WhoAmI.Map(session);
        LinkEndpoints.Map(all.MapGroup("/accounts/me").RouteToOwner(byToken: true));
        var account = all.MapGroup("/accounts").RouteToOwner("userId");
        AdministerAccounts.Map(account);
        AdministerIdentities.Map(account);
        SetPassword.Map(account);
        return all;
    }
}
