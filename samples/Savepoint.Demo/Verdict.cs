using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.Demo;

/// <summary>Compares what the server holds in the end with what was acknowledged.</summary>
internal sealed class Verdict
{
    private readonly Dictionary<string, Dictionary<string, long>> _ledgers = new(StringComparer.Ordinal);

    public long Lost { get; private set; }

    public long Doubled { get; private set; }

    public long HalfTrades { get; private set; }

    /// <summary>Gold that is there and should not be, or the other way round.</summary>
    public long Imbalance { get; private set; }

    public bool IsClean => Lost == 0 && Doubled == 0 && HalfTrades == 0 && Imbalance == 0;

    public void Add(string player, Document document)
    {
        var ledger = document.Get("ledger").AsMap().ToDictionary(entry => entry.Key, entry => entry.Value.AsInt64(), StringComparer.Ordinal);
        _ledgers[player] = ledger;
        Imbalance += Math.Abs(document.Get("gold").AsInt64() - Hero.OpeningGold - ledger.Values.Sum());
    }

    public void Judge(Tally tally)
    {
        foreach (var (player, change) in tally.Changes)
            Expect(player, change);
        foreach (var (from, to, change) in tally.Trades)
        {
            Expect(from, change);
            Expect(to, change);
        }

        // What was not acknowledged may be there or not, but never twice, and a trade never on one side only.
        var trades = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (change, value) in _ledgers.Values.SelectMany(ledger => ledger))
        {
            var (what, amount) = ChangeId.Read(change);
            if (Math.Abs(value) != Math.Abs(amount))
                Doubled++;
            if (what == ChangeId.Trade)
                trades[change] = trades.GetValueOrDefault(change) + value;
        }

        HalfTrades = trades.Values.Count(sum => sum != 0);
    }

    private void Expect(string player, string change)
    {
        if (!_ledgers[player].ContainsKey(change))
            Lost++;
    }
}
