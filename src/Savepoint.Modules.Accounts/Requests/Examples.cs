using Savepoint.Hosting.OpenApi;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>What the description of the API has as examples.</summary>
internal static class Examples
{
    public const string User = "0198f6c2-5c1e-7a40-9d53-6b1f0c2a7e11";

    public const string Session = "0198f6c2-5c1f-7b02-8c11-20d4a7be93f5";

    public const string RefreshToken =
        "spr_AQGY9sJcHnpAnVNrHwwqfhEBmPbCXB97AowRINSnvpP1q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4kQMlR2mLrc_hAyVHaYutz-";

    /// <summary>Tokens of an account that there was.</summary>
    public const string Grant = $$"""
        {"userId":"{{User}}","sessionId":"{{Session}}","accessToken":"eyJhbGciOiJFUzI1NiJ9.e30.c2ln","tokenType":"Bearer","expiresIn":900,
        "refreshToken":"{{RefreshToken}}","refreshExpiresIn":2592000,"created":false}
        """;

    /// <summary>Tokens of an account that was made.</summary>
    public const string FirstGrant = $$"""
        {"userId":"{{User}}","sessionId":"{{Session}}","accessToken":"eyJhbGciOiJFUzI1NiJ9.e30.c2ln","tokenType":"Bearer","expiresIn":900,
        "refreshToken":"{{RefreshToken}}","refreshExpiresIn":2592000,"created":true}
        """;

    /// <summary>Explains the user id in an endpoint's address.</summary>
    public static RouteHandlerBuilder WithUserExample(this RouteHandlerBuilder endpoint) => endpoint.WithRouteExample("userId", User, "The user's id.");
}
