using System.Collections.Concurrent;
using System.Globalization;

namespace Savepoint.Demo;

/// <summary>Everything that the game servers have said: what was acknowledged, and how long it took.</summary>
internal sealed class Tally
{
    private readonly ConcurrentQueue<double> _commits = new();
    private readonly ConcurrentQueue<double> _openings = new();
    private readonly ConcurrentQueue<double> _handOvers = new();
    private readonly ConcurrentQueue<double> _outageHandOvers = new();
    private readonly ConcurrentDictionary<string, string> _refusals = new(StringComparer.Ordinal);
    private long _refused;

    public ConcurrentQueue<(string Player, string Change)> Changes { get; } = new();

    public ConcurrentQueue<(string From, string To, string Change)> Trades { get; } = new();

    public ConcurrentQueue<string> Failures { get; } = new();

    public long Acknowledged => Changes.Count + Trades.Count;

    public long Refused => Interlocked.Read(ref _refused);

    public int Openings => _openings.Count + HandOvers;

    public int HandOvers => _handOvers.Count + HandOversOverOutage;

    /// <summary>Hand-overs that were under way while the server was down.</summary>
    public int HandOversOverOutage => _outageHandOvers.Count;

    /// <summary>When the server was up again.</summary>
    public DateTimeOffset UpAgainAt { get; set; } = DateTimeOffset.MinValue;

    /// <summary>Whether sessions that are opened now are hand-overs from the other game server.</summary>
    public bool IsHopping { get; set; }

    public void Take(string line)
    {
        switch (line.Split(' '))
        {
            case ["ack", var player, var change, var ms]:
                Changes.Enqueue((player, change));
                _commits.Enqueue(Number(ms));
                break;
            case ["ack-trade", var from, var to, var change, var ms]:
                Trades.Enqueue((from, to, change));
                _commits.Enqueue(Number(ms));
                break;
            case ["opened", _, var ms]:
                Opened(Number(ms));
                break;
            case ["refused", _, var code]:
                Interlocked.Increment(ref _refused);
                _refusals[code] = code;
                break;
            case ["failed", ..] or ["unknown", ..]:
                Failures.Enqueue(line);
                break;
        }
    }

    public string RefusalCodes => string.Join(", ", _refusals.Keys.Order(StringComparer.Ordinal));

    public double CommitMs(double share) => Percentile(_commits, share);

    public double HandOverMs(double share) => Percentile(_handOvers, share);

    private void Opened(double ms)
    {
        if (!IsHopping)
            _openings.Enqueue(ms);
        else if (DateTimeOffset.UtcNow - TimeSpan.FromMilliseconds(ms) < UpAgainAt && DateTimeOffset.UtcNow >= UpAgainAt)
            _outageHandOvers.Enqueue(ms);
        else
            _handOvers.Enqueue(ms);
    }

    private static double Percentile(ConcurrentQueue<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
