namespace Savepoint.Client;

/// <summary>Waits that double up to a limit; half of each is random, so that clients that lost the same server don't come back as one.</summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, Random random)
{
    private int _waits;

    public TimeSpan Next()
    {
        var wait = min * Math.Pow(2, _waits);
        if (wait < max)
            _waits++;
        else
            wait = max;
        lock (random)
            return wait * (0.5 + (random.NextDouble() / 2));
    }
}
