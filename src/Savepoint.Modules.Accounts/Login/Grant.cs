namespace Savepoint.Modules.Accounts.Login;

/// <summary>What a login or a refresh is answered with.</summary>
/// <param name="UserId">The user.</param>
/// <param name="SessionId">The login session.</param>
/// <param name="AccessToken">The token for requests and connections.</param>
/// <param name="AccessExpires">When it expires.</param>
/// <param name="RefreshToken">The token that gets the next ones.</param>
/// <param name="RefreshExpires">When it expires.</param>
/// <param name="IssuedAt">The time of the server's clock.</param>
internal sealed record Grant(
    string UserId, string SessionId, string AccessToken, DateTimeOffset AccessExpires, string RefreshToken, DateTimeOffset RefreshExpires, DateTimeOffset IssuedAt)
{
    /// <summary>Whether the account was made by this login.</summary>
    public bool IsCreated { get; init; }
}

/// <summary>What a client says of itself, to be shown to its user.</summary>
/// <param name="Device">What the device is called; null for nothing.</param>
/// <param name="Address">From where it comes; null where that is not known.</param>
internal sealed record ClientInfo(string? Device, string? Address);
