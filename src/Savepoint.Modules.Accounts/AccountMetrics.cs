using System.Diagnostics.Metrics;

namespace Savepoint.Modules.Accounts;

/// <summary>What accounts count, under the meter <c>Savepoint.Accounts</c>.</summary>
public sealed class AccountMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Savepoint.Accounts";

    // Every series that an alert looks at is there from the start, so that it is seen to rise.
    private static readonly string[] Methods = ["name", "device", "studio"];

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _logins;
    private readonly Counter<long> _registrations;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _reuses;
    private readonly Counter<long> _lockOuts;
    private readonly Counter<long> _queueFull;

    /// <summary>Makes the instruments.</summary>
    public AccountMetrics()
    {
        _logins = _meter.CreateCounter<long>("savepoint.logins", "{login}", "Logins, by method and outcome.");
        _registrations = _meter.CreateCounter<long>("savepoint.registrations", "{registration}", "Registrations, by outcome.");
        _refreshes = _meter.CreateCounter<long>("savepoint.refreshes", "{refresh}", "Refreshes, by outcome.");
        _reuses = _meter.CreateCounter<long>("savepoint.refresh_reuses", "{session}", "Login sessions that were ended since a refresh token was used twice.");
        _lockOuts = _meter.CreateCounter<long>("savepoint.lock_outs", "{lock-out}", "User names that were locked after wrong passwords.");
        _queueFull = _meter.CreateCounter<long>("savepoint.passwords.refused", "{password}", "Passwords that were not looked at, since too many waited.");
        foreach (var method in Methods)
            LoggedIn(0, method, "ok");
        _reuses.Add(0);
        _lockOuts.Add(0);
        _queueFull.Add(0);
    }

    /// <summary>What the instruments belong to, for a listener that wants those of one server only.</summary>
    public Meter Meter => _meter;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    internal void ObserveQueue(Func<int> length) => _meter.CreateObservableGauge("savepoint.passwords.queued", length, "{password}", "Passwords that wait to be hashed or checked.");

    internal void LoggedIn(string method, string outcome) => LoggedIn(1, method, outcome);

    private void LoggedIn(int count, string method, string outcome) =>
        _logins.Add(count, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("outcome", outcome));

    internal void Registered(string outcome) => _registrations.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Refreshed(string outcome) => _refreshes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Reused() => _reuses.Add(1);

    internal void LockedOut() => _lockOuts.Add(1);

    internal void QueueFull() => _queueFull.Add(1);
}
