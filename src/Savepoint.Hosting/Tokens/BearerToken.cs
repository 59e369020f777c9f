using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Hosting.Tokens;

/// <summary>What a request brings as <c>Authorization: Bearer …</c> (RFC 6750).</summary>
public static class BearerToken
{
    private const string Scheme = "Bearer ";

    /// <summary>Reads it; whether it is good for anything is for others to say.</summary>
    public static bool TryRead(HttpRequest request, [NotNullWhen(true)] out string? token)
    {
        token = TryRead(request, out ReadOnlySpan<char> found) ? found.ToString() : null;
        return token is not null;
    }

    /// <summary>Reads it without a copy; whether it is good for anything is for others to say.</summary>
    public static bool TryRead(HttpRequest request, out ReadOnlySpan<char> token)
    {
        var authorization = request.Headers.Authorization.ToString().AsSpan();
        var isBearer = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        token = isBearer ? authorization[Scheme.Length..].Trim() : [];
        return isBearer;
    }
}
