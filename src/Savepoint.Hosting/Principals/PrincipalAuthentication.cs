using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Tokens;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;

namespace Savepoint.Hosting.Principals;

/// <summary>
/// Finds out who sends a request: whoever has a key by its secret, a player by its token while the login session of the token is open, both as
/// <c>Authorization: Bearer …</c>. What the process or person is called stands in the header <c>Savepoint-Name</c>; else it is as the key says. ASP.NET Core's own policies
/// build on it (<see cref="PrincipalPolicies.RequirePrincipal"/>).
/// </summary>
internal sealed class PrincipalAuthentication(AccessKeys keys, IPlayerTokenVerifier tokens, ILoginSessions logins, TokenMetrics metrics) : IAuthenticationHandler
{
    public const string Scheme = "Savepoint";

    private const string NameHeader = "Savepoint-Name", Unnamed = "unnamed";

    private static readonly Task<AuthenticateResult> Nobody = Task.FromResult(AuthenticateResult.NoResult());
    private static readonly Task<AuthenticateResult> NotValid = Task.FromResult(AuthenticateResult.Fail("The secret or token is not valid."));

    private HttpContext _context = null!;
    private LoginSessionsUnavailableException? _unavailable;
    private bool _hasExpired;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _context = context;
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync()
    {
        if (!BearerToken.TryRead(_context.Request, out ReadOnlySpan<char> bearer))
            return Nobody;

        // What was found genuine lately is no secret of a key.
        if (_context.Features.Get<AskedLogin>() is { } asked)
            return AdmitAsync(asked.IsOpen, asked.User);
        var secret = bearer.ToString();
        if (keys.Find(secret) is { } key)
            return key.ToPrincipal(NameFor(key)) is { } principal ? Task.FromResult(Success(UserOf(principal))) : NotValid;
        if (tokens is PlayerTokens remembering)
        {
            var refusal = remembering.Verify(secret, out var verified);
            if (refusal == TokenRefusal.None)
                return AdmitAsync(Ask(verified!.Token), verified.User);
            _hasExpired = refusal == TokenRefusal.Expired;
        }
        else if (tokens.TryVerify(secret, out var token))
        {
            return AdmitAsync(Ask(token), UserOf(Principal.Player(token.UserId, token.LoginSession)));
        }
        else
        {
            _hasExpired = tokens.IsExpired(secret);
        }

        if (!tokens.IsReady)
            _unavailable = LoginSessionsUnavailableException.NotReady();
        return NotValid;
    }

    public Task ChallengeAsync(AuthenticationProperties? properties)
    {
        if (_unavailable is not null)
            return Problem.WriteAsync(_context, RequestErrors.Transient(_unavailable.Code, _unavailable.Message), StatusCodes.Status503ServiceUnavailable);
        if (!BearerToken.TryRead(_context.Request, out ReadOnlySpan<char> _))
            return RefuseAsync("Bearer", "A secret or a player's token is needed: Authorization: Bearer ….");
        return _hasExpired
            ? RefuseAsync("Bearer error=\"invalid_token\", error_description=\"The token has expired\"", "The token has expired.")
            : RefuseAsync("Bearer error=\"invalid_token\"", "The secret or token is not valid, or the name is not.");
    }

    public Task ForbidAsync(AuthenticationProperties? properties) =>
        Problem.WriteAsync(_context, StatusCodes.Status403Forbidden, ErrorCodes.Forbidden, $"{_context.GetPrincipal().Actor} may not do this.");

    /// <summary>The owner of the user's shard knows whether the player has logged out; it is asked for each request, so that logging out counts at once and everywhere.</summary>
    private ValueTask<bool> Ask(PlayerToken token) => logins.IsOpenAsync(token, CancellationToken.None);

    private async Task<AuthenticateResult> AdmitAsync(ValueTask<bool> asking, ClaimsPrincipal user)
    {
        try
        {
            if (await asking)
                return Success(user);
            metrics.Refused(TokenRefusal.Ended);
        }
        catch (LoginSessionsUnavailableException unavailable)
        {
            _unavailable = unavailable;
        }

        return await NotValid;
    }

    private string NameFor(AccessKey key) => _context.Request.Headers.TryGetValue(NameHeader, out var name) ? name.ToString() : key.Name ?? Unnamed;

    private Task RefuseAsync(string authenticate, string detail)
    {
        _context.Response.Headers.WWWAuthenticate = authenticate;
        return Problem.WriteAsync(_context, StatusCodes.Status401Unauthorized, ErrorCodes.Unauthenticated, detail);
    }

    private static AuthenticateResult Success(ClaimsPrincipal user) => AuthenticateResult.Success(new AuthenticationTicket(user, Scheme));

    private static ClaimsPrincipal UserOf(Principal principal) => new(new PrincipalIdentity(principal));
}

/// <summary>A principal as ASP.NET Core knows users.</summary>
internal sealed class PrincipalIdentity(Principal principal) : ClaimsIdentity(
    [new Claim(ClaimTypes.Name, principal.Name), new Claim(ClaimTypes.Role, principal.Role.ToString())], PrincipalAuthentication.Scheme)
{
    public Principal Principal { get; } = principal;
}
