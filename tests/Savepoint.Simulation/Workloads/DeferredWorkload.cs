using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>
/// Bodies with a place that is only broadcast, a mood that is journaled once in a while, and a count that is Durable; often the last two change together.
/// What becomes of the mood <see cref="DeferredChecker"/> judges.
/// </summary>
internal sealed class DeferredWorkload : Workload
{
    public const int Bodies = 4;

    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, long> _sums = [];

    public override int Clients => 2;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);
            var tasks = new List<Task>();
            for (var i = client.Random.Next(1, 10); i > 0; i--)
                tasks.Add(ChangeAsync(client));
            foreach (var task in tasks)
                await task;
        }
    }

    public override void Check(Ledger ledger, Verdict verdict)
    {
        foreach (var (key, sum) in _sums)
        {
            var counted = ledger.Find(key)?.Document?.Root.TryGet("n", out var value) == true ? value.AsInt64() : 0;
            if (counted != sum)
                verdict.Fail("I4", $"{key} has counted {counted} instead of {sum}");
        }
    }

    private async Task ChangeAsync(RawClient client)
    {
        var random = client.Random;
        var key = GameKinds.Body(random.Next(Bodies));
        var (mood, place, count) = (random.Next(4) > 0, random.Next(4) == 0, random.Next(3) == 0);
        var amount = random.Next(1, 10);
        var change = Change.Delta(key, delta =>
        {
            if (mood || !(place || count))
                delta.Increment("mood", amount);
            if (place)
                delta.Set("place", random.Next(100));
            if (count)
                delta.Increment("n", amount);
        });
        var done = await client.DoAsync($"{(mood ? "mood " : "")}{(place ? "place " : "")}{(count ? "count " : "")}of {key} by {amount}", change);
        if (done.Versions is null)
            client.History.Verdict.Fail("I4", $"{done} was refused as {done.Refusal}");
        if (!count)
            return;
        lock (_gate)
            _sums[key] = _sums.GetValueOrDefault(key) + amount;
    }
}
