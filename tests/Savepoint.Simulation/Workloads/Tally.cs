using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>What clients have added to entities, as far as it was acknowledged.</summary>
internal sealed class Tally
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, long> _sums = [];

    public void Add(EntityKey key, long amount)
    {
        lock (_gate)
            _sums[key] = _sums.GetValueOrDefault(key) + amount;
    }

    public long Of(EntityKey key)
    {
        lock (_gate)
            return _sums.GetValueOrDefault(key);
    }

    /// <summary>Finds fault where a property is not the sum of what was added to it.</summary>
    public void Check(Ledger ledger, Verdict verdict, string property)
    {
        lock (_gate)
        {
            foreach (var (key, sum) in _sums)
            {
                var counted = ledger.Find(key)?.Document?.Root.TryGet(property, out var value) == true ? value.AsInt64() : 0;
                if (counted != sum)
                    verdict.Fail("I4", $"{key} has counted {counted} instead of {sum}");
            }
        }
    }
}
