using Savepoint.Documents;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>A login session: the family of all refresh tokens that follow on one login.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CreatedAt">When the player logged in.</param>
/// <param name="RefreshedAt">When the present token was given out, for the first time or again.</param>
/// <param name="ExpiresAt">When it ends unless it is refreshed.</param>
internal sealed record SessionState(string Id, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset ExpiresAt)
{
    public const string Token = "token", Previous = "previous", By = "by", Created = "created", Refreshed = "refreshed", Rotated = "rotated", Expires = "expires", DeviceLabel = "device", FromAddress = "address";

    /// <summary>The hash of the token that is good now.</summary>
    public ReadOnlyMemory<byte> TokenHash { get; init; }

    /// <summary>The hash of the token before it; empty where there was none.</summary>
    public ReadOnlyMemory<byte> PreviousHash { get; init; }

    /// <summary>When the present token took the place of the one before it.</summary>
    public DateTimeOffset RotatedAt { get; init; }

    /// <summary>How the player logged in.</summary>
    public string? Method { get; init; }

    /// <summary>What the player calls the device.</summary>
    public string? Device { get; init; }

    /// <summary>From where the player logged in.</summary>
    public string? Address { get; init; }

    public static SessionState From(string id, MapValue map) => new(id, map.Moment(Created), map.Moment(Refreshed), map.Moment(Expires))
    {
        TokenHash = map.Bytes(Token),
        PreviousHash = map.Bytes(Previous),

        // Sessions of before this was kept do not tell it.
        RotatedAt = map.Moment(map.ContainsKey(Rotated) ? Rotated : Refreshed),
        Method = map.Text(By),
        Device = map.Text(DeviceLabel),
        Address = map.Text(FromAddress),
    };
}
