using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Tokens;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Principals;

/// <summary>
/// Finds out who sends a request: whoever has a key by its secret, a player by its token, both as <c>Authorization: Bearer …</c>. What the process or person is
/// called stands in the header <c>Savepoint-Name</c>; else it is as the key says. ASP.NET Core's own policies build on it
/// (<see cref="PrincipalPolicies.RequirePrincipal"/>).
/// </summary>
internal sealed class PrincipalAuthentication(AccessKeys keys, IPlayerTokenVerifier tokens) : IAuthenticationHandler
{
    public const string Scheme = "Savepoint";

    private const string NameHeader = "Savepoint-Name", Unnamed = "unnamed";

    private HttpContext _context = null!;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync()
    {
        if (!BearerToken.TryRead(_context.Request, out var secret))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (Find(secret) is not { } principal)
            return Task.FromResult(AuthenticateResult.Fail("The secret or token is not valid."));
        var identity = new PrincipalIdentity(principal);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme)));
    }

    public Task ChallengeAsync(AuthenticationProperties? properties)
    {
        var hasCredentials = BearerToken.TryRead(_context.Request, out _);
        _context.Response.Headers.WWWAuthenticate = hasCredentials ? "Bearer error=\"invalid_token\"" : "Bearer";
        return Problem.WriteAsync(
            _context,
            StatusCodes.Status401Unauthorized,
            ErrorCodes.Unauthenticated,
            hasCredentials ? "The secret or token is not valid, or the name is not." : "A secret or a player's token is needed: Authorization: Bearer ….");
    }

    public Task ForbidAsync(AuthenticationProperties? properties) =>
        Problem.WriteAsync(_context, StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, $"{_context.GetPrincipal().Actor} may not do this.");

    private Principal? Find(string secret)
    {
        if (keys.Find(secret) is { } key)
            return key.ToPrincipal(_context.Request.Headers.TryGetValue(NameHeader, out var name) ? name.ToString() : key.Name ?? Unnamed);
        return tokens.TryVerify(secret, out var found) ? Principal.Player(found.UserId, found.LoginSession) : null;
    }
}

/// <summary>A principal as ASP.NET Core knows users.</summary>
internal sealed class PrincipalIdentity(Principal principal) : ClaimsIdentity(
    [new Claim(ClaimTypes.Name, principal.Name), new Claim(ClaimTypes.Role, principal.Role.ToString())], PrincipalAuthentication.Scheme)
{
    public Principal Principal { get; } = principal;
}
