namespace Savepoint.Server.Configuration;

/// <summary>How many HTTP requests are answered; what is beyond is refused with 429 (docs/reference/configuration.md). Frames of streams are not counted here: they have windows.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Whether anything is limited. The default value is true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Of one client address, all requests but those that bring a key's secret. The default value is 200 a second, 1,000 at once: a whole house may share an address.</summary>
    public RateLimit Address { get; set; } = new() { PerSecond = 200, Burst = 1_000 };

    /// <summary>Of one client address, what costs the hash of a password: logins, registrations, linked identities, changes of passwords. They are what is tried by guessing. The default value is 0.5 a second, 30 at once.</summary>
    public RateLimit Session { get; set; } = new() { PerSecond = 0.5, Burst = 30 };

    /// <summary>Of one player. The default value is 50 a second, 200 at once.</summary>
    public RateLimit Player { get; set; } = new() { PerSecond = 50, Burst = 200 };

    /// <summary>Of one game server, service, supporter or admin, by name. The default value is 0: any number.</summary>
    public RateLimit Key { get; set; } = new();
}

/// <summary>A bucket of tokens: each request takes one, and they come back evenly.</summary>
public sealed class RateLimit
{
    /// <summary>How many come back in a second; 0 for no limit. At most 1,000,000.</summary>
    public double PerSecond { get; set; }

    /// <summary>How many there are at most: so many requests may come at once. 1 to 1,000,000, where there is a limit, and not fewer than come back in a second.</summary>
    public int Burst { get; set; }

    internal bool IsOn => PerSecond > 0;
}
