namespace Savepoint.Simulation;

/// <summary>
/// Bodies with a place that is only broadcast, a mood that is journaled once in a while, and a count that is Durable; often the last two change together.
/// What becomes of the mood <see cref="DeferredChecker"/> judges.
/// </summary>
internal sealed class DeferredWorkload() : BurstWorkload(mostAtOnce: 9)
{
    public const int Bodies = 4;

    private readonly Tally _counted = new();

    public override void Check(Ledger ledger, Verdict verdict) => _counted.Check(ledger, verdict, "n");

    protected override async Task ActAsync(SimulationContext run, RawClient client)
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
        if (count)
            _counted.Add(key, amount);
    }
}
