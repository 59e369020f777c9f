using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>Counters that many clients add to at once, a few hot and many cold; requests are sent blindly again.</summary>
internal sealed class CounterWorkload : Workload
{
    private const int Hot = 4;
    private const int Cold = 120;

    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, long> _sums = [];

    public override int Clients => 2;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);
            var tasks = new List<Task>();
            for (var i = client.Random.Next(1, 12); i > 0; i--)
                tasks.Add(AddAsync(client));
            foreach (var task in tasks)
                await task;
        }
    }

    public override void Check(Ledger ledger, Verdict verdict)
    {
        foreach (var (key, sum) in _sums)
        {
            var counted = ledger.Find(key)?.Document?.Root["n"].AsInt64();
            if (counted != sum)
                verdict.Fail("I4", $"{key} has counted {counted} instead of {sum}");
        }
    }

    private async Task AddAsync(RawClient client)
    {
        var key = GameKinds.Counter(client.Random.Next(3) > 0 ? client.Random.Next(Hot) : client.Random.Next(Cold));
        var amount = client.Random.Next(1, 10);
        var done = await client.DoAsync($"{key} += {amount}", Change.Add(key, "n", amount));
        if (done.Versions is null)
        {
            client.History.Verdict.Fail("I4", $"{done} was refused as {done.Refusal}");
            return;
        }

        lock (_gate)
            _sums[key] = _sums.GetValueOrDefault(key) + amount;
    }
}
