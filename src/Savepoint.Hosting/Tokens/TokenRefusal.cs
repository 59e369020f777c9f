namespace Savepoint.Hosting.Tokens;

/// <summary>Why a token is refused; for metrics, since its bearer is not told which it is (but for <see cref="Expired"/>).</summary>
internal enum TokenRefusal : byte
{
    /// <summary>It is not refused.</summary>
    None,

    /// <summary>It is no token, or too long.</summary>
    Malformed,

    /// <summary>It names no trusted issuer, or none of the keys of its issuer.</summary>
    UnknownKey,

    /// <summary>Its signature, algorithm, audience or content is wrong.</summary>
    Invalid,

    /// <summary>It is genuine, and its time has not come.</summary>
    Early,

    /// <summary>It is genuine, and its time is over.</summary>
    Expired,

    /// <summary>It is genuine and valid, and its login session has ended.</summary>
    Ended,
}
