namespace Savepoint.Simulation;

/// <summary>Counters that many clients add to at once, a few hot and many cold; requests are sent blindly again.</summary>
internal sealed class CounterWorkload() : BurstWorkload(mostAtOnce: 11)
{
    private const int Hot = 4;
    private const int Cold = 120;

    private readonly Tally _added = new();

    public override void Check(Ledger ledger, Verdict verdict) => _added.Check(ledger, verdict, "n");

    protected override async Task ActAsync(SimulationContext run, RawClient client)
    {
        var key = GameKinds.Counter(client.Random.Next(3) > 0 ? client.Random.Next(Hot) : client.Random.Next(Cold));
        var amount = client.Random.Next(1, 10);
        var done = await client.DoAsync($"{key} += {amount}", Change.Add(key, "n", amount));
        if (done.Versions is null)
            client.History.Verdict.Fail("I4", $"{done} was refused as {done.Refusal}");
        else
            _added.Add(key, amount);
    }
}
