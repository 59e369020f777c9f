using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Economy;

/// <summary>The sums of one row. Integers stay at the greatest one rather than overflow.</summary>
internal struct LedgerSums
{
    private long _sources;
    private long _sourceCount;
    private long _sinks;
    private long _sinkCount;
    private double _realSources;
    private double _realSinks;

    public void Add(long amount)
    {
        if (amount > 0)
        {
            _sources = LedgerRow.Saturated(_sources, amount);
            _sourceCount++;
        }
        else
        {
            _sinks = LedgerRow.Saturated(_sinks, amount == long.MinValue ? long.MaxValue : -amount);
            _sinkCount++;
        }
    }

    public void Add(double amount)
    {
        if (amount > 0)
        {
            _realSources = Finite(_realSources + amount);
            _sourceCount++;
        }
        else
        {
            _realSinks = Finite(_realSinks - amount);
            _sinkCount++;
        }
    }

    public readonly LedgerRow ToRow(DateOnly day, string kind, string path, string reason) => new(day, kind, path, reason)
    {
        Sources = _sources,
        SourceCount = _sourceCount,
        Sinks = _sinks,
        SinkCount = _sinkCount,
        RealSources = _realSources,
        RealSinks = _realSinks,
    };

    public static LedgerSums Of(LedgerRow row) => new()
    {
        _sources = row.Sources,
        _sourceCount = row.SourceCount,
        _sinks = row.Sinks,
        _sinkCount = row.SinkCount,
        _realSources = row.RealSources,
        _realSinks = row.RealSinks,
    };

    private static double Finite(double sum) => double.IsFinite(sum) ? sum : double.MaxValue;
}
