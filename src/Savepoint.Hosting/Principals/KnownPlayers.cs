using Savepoint.Hosting.Tokens;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Principals;

/// <summary>
/// Lets a player through whose token was found genuine before, is valid now, and whose login session is open: nearly all requests. Whoever it does not know goes the
/// whole way, by <see cref="PrincipalAuthentication"/>, which takes 1.5 µs of handlers and tickets.
/// </summary>
internal sealed class KnownPlayers(RequestDelegate next, IPlayerTokenVerifier tokens, ILoginSessions logins)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (tokens is PlayerTokens remembering && BearerToken.TryRead(context.Request, out ReadOnlySpan<char> bearer) && remembering.TryRecall(bearer, out var known))
        {
            var asking = logins.IsOpenAsync(known.Token, CancellationToken.None);
            if (asking is { IsCompletedSuccessfully: true, Result: true })
                context.User = known.User;
        }

        return next(context);
    }
}
