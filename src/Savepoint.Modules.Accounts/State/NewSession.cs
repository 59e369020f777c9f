using Savepoint.Documents;

namespace Savepoint.Modules.Accounts.State;

/// <summary>A login session that is to be opened.</summary>
/// <param name="Id">Its id, random.</param>
/// <param name="TokenHash">The hash of its first refresh token.</param>
/// <param name="Method">How its player logged in: a type of identities.</param>
internal sealed record NewSession(string Id, byte[] TokenHash, string Method)
{
    public const int MaxDeviceLength = 64;

    /// <summary>What the player calls the device; null for none.</summary>
    public string? Device { get; init; }

    /// <summary>From where it came; null where that is not known.</summary>
    public string? Address { get; init; }

    public MapBuilder ToArguments()
    {
        var map = new MapBuilder { { OpenLoginSession.Session, Id }, { SessionState.Token, Value.From((ReadOnlyMemory<byte>)TokenHash) }, { SessionState.By, Method } };
        if (Device is not null)
            map.Add(SessionState.DeviceLabel, Device);
        if (Address is not null)
            map.Add(SessionState.FromAddress, Address);
        return map;
    }
}
