namespace Savepoint.Streams.Authentication;

/// <summary>What a genuine token of a player says.</summary>
/// <param name="UserId">The user that it was issued for.</param>
/// <param name="LoginSession">The login session that it belongs to (claim <c>sid</c>), which can be ended before the token expires; null in tokens of a studio's own issuer.</param>
/// <param name="ExpiresAt">When it ends by itself.</param>
public sealed record PlayerToken(string UserId, string? LoginSession, DateTimeOffset ExpiresAt);
