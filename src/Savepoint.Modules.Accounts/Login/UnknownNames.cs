using Savepoint.Modules.Accounts.Identities;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>
/// Wrong passwords for user names that nobody has. They are locked like others, so that a lock-out does not tell which names there are; in memory only, and for the
/// names that were tried last, since there is no end of those that nobody has.
/// </summary>
internal sealed class UnknownNames(AccountsOptions options, TimeProvider time)
{
    private const int MaxNames = 10_000;

    private readonly Lock _gate = new();
    private Dictionary<string, FailureCount> _present = new(StringComparer.Ordinal);
    private Dictionary<string, FailureCount> _earlier = new(StringComparer.Ordinal);

    /// <summary>How long a name is locked; zero when it is not.</summary>
    public TimeSpan LockedFor(string name)
    {
        var now = time.GetUtcNow();
        lock (_gate)
            return CountOf(name).LockedFor(now, options);
    }

    /// <summary>Counts an attempt.</summary>
    /// <returns>How long the name is locked; zero when it is not, and the attempt counts.</returns>
    public TimeSpan Attempt(string name)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var count = CountOf(name);
            if (count.LockedFor(now, options) is var remaining && remaining > TimeSpan.Zero)
                return remaining;
            if (_present.Count >= MaxNames)
                (_earlier, _present) = (_present, new Dictionary<string, FailureCount>(StringComparer.Ordinal));
            _present[name] = count.WithAttempt(now, options);
            return TimeSpan.Zero;
        }
    }

    private FailureCount CountOf(string name) => _present.TryGetValue(name, out var count) || _earlier.TryGetValue(name, out count) ? count : default;
}
