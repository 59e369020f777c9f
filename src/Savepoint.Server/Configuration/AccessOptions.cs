using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Configuration;

/// <summary>Who may log in with a secret, beside the game servers of <see cref="SavepointOptions.GameServerSecret"/>.</summary>
public sealed class AccessOptions
{
    /// <summary>The keys. By default none.</summary>
    public IList<AccessKeyOptions> Keys { get; } = [];
}

/// <summary>One key.</summary>
public sealed class AccessKeyOptions
{
    /// <summary>What its bearer is called in the history, where it does not say so itself; at most 64 characters. By default nothing.</summary>
    public string? Name { get; set; }

    /// <summary>The secret; at least 16 characters. This or <see cref="SecretFile"/> is needed.</summary>
    public string? Secret { get; set; }

    /// <summary>A file that holds the secret and nothing else.</summary>
    public string? SecretFile { get; set; }

    /// <summary>What its bearer is: <c>GameServer</c>, <c>Service</c>, <c>Support</c> or <c>Admin</c>.</summary>
    public PrincipalRole? Role { get; set; }

    /// <summary>How much its bearer is trusted with, where permissions ask for a level; 0 to 1,000,000. The default value is 0.</summary>
    public int Level { get; set; }
}
