namespace Savepoint.Modules.Accounts.Requests;

// What bodies and answers look like, for the description of the API; answers are written by hand.

/// <param name="UserName">3 to 32 characters: letters a to z, digits, <c>_</c>, <c>-</c>, <c>.</c>; case does not count.</param>
/// <param name="Password">8 to 128 characters.</param>
/// <param name="DeviceId">A secret of the device, 16 to 128 characters, to log in with as well.</param>
/// <param name="Device">What the device is called, for the list of sessions.</param>
internal sealed record RegisterRequest(string UserName, string Password, string? DeviceId, string? Device);

/// <param name="UserName">With <paramref name="Password"/>.</param>
/// <param name="Password">With <paramref name="UserName"/>.</param>
/// <param name="DeviceId">Instead of both.</param>
/// <param name="Create">With a device id: makes an account where there is none.</param>
/// <param name="Token">Instead of all: a token of the studio's own issuer.</param>
/// <param name="Device">What the device is called, for the list of sessions.</param>
internal sealed record LoginRequest(string? UserName, string? Password, string? DeviceId, bool? Create, string? Token, string? Device);

/// <param name="UserName">With <paramref name="Password"/>: a name that nobody has.</param>
/// <param name="Password">With <paramref name="UserName"/>: the name's password from now on.</param>
/// <param name="DeviceId">Instead of both.</param>
/// <param name="Token">Instead of all: a token of the studio's own issuer.</param>
/// <param name="Current">The account's password as it is, where the account has a name.</param>
/// <param name="CurrentDeviceId">The account's device id, where the account has no name; or else <paramref name="CurrentToken"/>.</param>
/// <param name="CurrentToken">A token of the studio's own issuer with which the account is logged in to, where it has no name.</param>
internal sealed record LinkRequest(string? UserName, string? Password, string? DeviceId, string? Token, string? Current, string? CurrentDeviceId, string? CurrentToken);

/// <param name="Current">The account's password as it is, where the account has a name.</param>
/// <param name="CurrentDeviceId">The account's device id, where the account has no name; or else <paramref name="CurrentToken"/>.</param>
/// <param name="CurrentToken">A token of the studio's own issuer with which the account is logged in to, where it has no name.</param>
internal sealed record UnlinkRequest(string? Current, string? CurrentDeviceId, string? CurrentToken);

/// <param name="UserName">3 to 32 characters: letters a to z, digits, <c>_</c>, <c>-</c>, <c>.</c>; case does not count.</param>
/// <param name="Password">8 to 128 characters.</param>
/// <param name="Reason">For the audit log.</param>
internal sealed record NameRequest(string UserName, string Password, string? Reason);

/// <param name="RefreshToken">As the last answer gave it.</param>
internal sealed record RefreshRequest(string RefreshToken);

/// <param name="Everywhere">Whether to end all sessions of the user.</param>
internal sealed record LogoutRequest(bool? Everywhere);

/// <param name="Current">The password as it is; not for admins.</param>
/// <param name="New">The password as it is to be.</param>
/// <param name="Reason">Of admins, for the audit log.</param>
internal sealed record PasswordRequest(string? Current, string New, string? Reason);

/// <param name="Reason">For the audit log.</param>
internal sealed record ReasonRequest(string? Reason);

/// <param name="UserId">The user.</param>
/// <param name="SessionId">The login session.</param>
/// <param name="AccessToken">For requests and connections.</param>
/// <param name="TokenType">Bearer.</param>
/// <param name="ExpiresIn">Seconds that the access token is valid for.</param>
/// <param name="RefreshToken">Gets the next tokens, once.</param>
/// <param name="RefreshExpiresIn">Seconds that the refresh token is valid for.</param>
/// <param name="Created">Whether the account was made now.</param>
internal sealed record GrantAnswer(string UserId, string SessionId, string AccessToken, string TokenType, long ExpiresIn, string RefreshToken, long RefreshExpiresIn, bool Created);

/// <param name="UserId">Who asks.</param>
/// <param name="SessionId">The login session of the request; null for tokens of a studio's own issuer.</param>
/// <param name="CreatedAt">When the account was made.</param>
/// <param name="Identities">The ways into the account; not there for tokens of a studio's own issuer.</param>
/// <param name="Sessions">The open login sessions; not there for tokens of a studio's own issuer.</param>
internal sealed record SessionAnswer(string UserId, string? SessionId, DateTimeOffset? CreatedAt, IdentityAnswer[]? Identities, LoginSessionAnswer[]? Sessions);

/// <param name="Type">Its type: <c>name</c>, <c>device</c>, <c>studio</c>.</param>
/// <param name="Name">What it is called.</param>
/// <param name="LinkedAt">Since when.</param>
internal sealed record IdentityAnswer(string Type, string? Name, DateTimeOffset LinkedAt);

/// <param name="Id">Its id.</param>
/// <param name="Present">Whether the request belongs to it.</param>
/// <param name="Method">How its player logged in.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="RefreshedAt">When it was used last.</param>
/// <param name="ExpiresAt">When it ends unless it is used.</param>
/// <param name="Device">What the device is called.</param>
/// <param name="Address">From where its player logged in.</param>
internal sealed record LoginSessionAnswer(
    string Id, bool Present, string? Method, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt, string? Device, string? Address);
