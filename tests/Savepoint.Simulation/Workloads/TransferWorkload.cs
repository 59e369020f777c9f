using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>Gold that moves between accounts, two to four at a time, whichever nodes own them and databases hold them, and may not run out.</summary>
internal sealed class TransferWorkload() : BurstWorkload(mostAtOnce: 7)
{
    private const int Accounts = 40;

    public override void Check(Ledger ledger, Verdict verdict)
    {
        var (sum, accounts) = (0L, 0);
        foreach (var entity in ledger.Entities.Where(entity => entity.Key.Kind == "account"))
        {
            accounts++;
            var gold = entity.Document!.Root["gold"].AsInt64();
            sum += gold;
            if (gold < 0)
                verdict.Fail("I8", $"{entity.Key} has {gold} gold");
        }

        if (sum != accounts * GameKinds.FirstGold)
            verdict.Fail("I8", $"{accounts} accounts hold {sum} gold");
    }

    protected override async Task ActAsync(SimulationContext run, RawClient client)
    {
        var random = client.Random;
        var parties = Enumerable.Range(0, Accounts).ToArray();
        random.Shuffle(parties);

        var count = random.Next(2, 5);

        // Large amounts run into the limit, and queue behind others that do.
        var amount = random.Next(1, random.Next(4) == 0 ? 150 : 20);
        var mutations = new Mutation[count];
        mutations[0] = Change.Add(GameKinds.Account(parties[0]), "gold", -amount * (count - 1), min: 0);
        for (var i = 1; i < count; i++)
            mutations[i] = Change.Add(GameKinds.Account(parties[i]), "gold", amount);
        if (random.Next(2) == 0)
            Array.Reverse(mutations);
        await client.DoAsync($"{amount} gold from a{parties[0]} to {string.Join(',', parties[1..count])}", mutations);
    }
}
