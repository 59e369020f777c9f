namespace Savepoint.Testing;

/// <summary>Which frames of a connection vanish.</summary>
[Flags]
public enum LostDirection
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>What the client sends.</summary>
    ToServer = 1,

    /// <summary>What the server sends.</summary>
    ToClient = 2,

    /// <summary>What either sends.</summary>
    Both = ToServer | ToClient,
}
