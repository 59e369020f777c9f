using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Hosting.Tokens;

/// <summary>What a request brings as <c>Authorization: Bearer …</c> (RFC 6750).</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Reads it; whether it is good for anything is for others to say.</summary>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out string? token)
    {
        var authorization = request.Headers.Authorization.ToString();
        token = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : null;
        return token is not null;
    }
}
