namespace Savepoint.Bench;

/// <summary>Draws accounts: uniformly, or by Zipf's law, where the account of rank k comes with a weight of 1 / k^alpha.</summary>
internal sealed class Skew
{
    private readonly double[]? _cumulative;
    private readonly int _accounts;

    public Skew(int accounts, double alpha)
    {
        _accounts = accounts;
        if (alpha == 0)
            return;
        _cumulative = new double[accounts];
        double sum = 0;
        for (var rank = 0; rank < accounts; rank++)
            _cumulative[rank] = sum += Math.Pow(rank + 1, -alpha);
    }

    public int Draw(Random random)
    {
        if (_cumulative is null)
            return random.Next(_accounts);
        var index = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(index < 0 ? ~index : index, _accounts - 1);
    }
}
