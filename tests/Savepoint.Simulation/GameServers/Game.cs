using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>What is played on a game server: with the hero of a visit, and with others whose sessions it does not have.</summary>
internal sealed class Game(SimulationContext run, GameServer server, SavepointClient client, Random random)
{
    /// <summary>Plays a visit to its end.</summary>
    public async Task PlayAsync(HeroVisit visit)
    {
        for (var steps = random.Next(2, 10); steps > 0 && visit.IsActive && run.GoesOn; steps--)
        {
            await StepAsync(visit);
            if (random.Next(3) > 0)
                await server.PauseAsync(random.Next(10) == 0 ? 20_000 : 3000);
        }

        // After the end of a session, however it ended, nothing is taken any more.
        await visit.EndAsync();
        if (random.Next(4) == 0)
            visit.DoDeed(1);
        if (visit.ChecksumMismatches > 0)
            run.History.Verdict.Fail("I3", $"{server.Process.Name} had to mend its copy of {visit.Key}");
    }

    private async Task StepAsync(HeroVisit visit)
    {
        run.OnOperation();
        switch (random.Next(10))
        {
            case < 4:
                visit.DoDeed(random.Next(4) == 0 ? -random.Next(1, 60) : random.Next(1, 20));
                break;
            case < 6:
                visit.FindSilver(random.Next(1, 20));
                break;
            case 6:
                await TransferAsync(visit.Key);
                break;
            case 7:
                await (random.Next(2) == 0 ? SendGiftAsync() : PayWagesAsync());
                break;
            case 8:
                await (random.Next(3) > 0 ? visit.BuyAsync($"p{random.Next(20)}", random.Next(1, 20)) : ViewAsync());
                break;
            default:
                await visit.SaveAsync();
                break;
        }
    }

    private async Task ViewAsync()
    {
        var key = GameKinds.Hero(random.Next(GameKinds.Heroes));
        try
        {
            if (await client.Store<Hero>("hero").ViewAsync(key.Id) is { } view)
                server.Show(key, view.Version, view.Document);
        }
        catch (SavepointException failure)
        {
            server.Judge($"view {key}", failure);
        }
    }

    private async Task TransferAsync(EntityKey here)
    {
        var (from, to) = (here, GameKinds.Hero(random.Next(GameKinds.Heroes)));
        if (from == to)
            return;
        if (random.Next(2) == 0)
            (from, to) = (to, from);
        var amount = random.Next(1, 30);
        var change = server.Book.Make(GameChangeKind.Transfer, 0, (from, -amount), (to, amount));
        await TransactAsync(change, transaction => transaction
            .Change(from.Kind, from.Id, delta => delta.Increment("gold", -amount, min: 0))
            .Change(to.Kind, to.Id, delta => delta.Increment("gold", amount)));
    }

    private Task SendGiftAsync()
    {
        var (to, amount) = (GameKinds.Hero(random.Next(GameKinds.Heroes)), random.Next(1, 10));
        var change = server.Book.Make(GameChangeKind.Gift, 0, (to, amount));
        var body = new Document(new MapBuilder { ["gifts"] = amount }.Build());
        return TransactAsync(change, transaction => transaction.Message(to.Kind, to.Id, body));
    }

    /// <summary>Gold and gifts for many, each for itself.</summary>
    private async Task PayWagesAsync()
    {
        var batch = server.Book.NewBatch();
        var changes = new List<GameChange>();
        foreach (var to in Enumerable.Range(0, GameKinds.Heroes).Select(GameKinds.Hero).Where(_ => random.Next(3) > 0))
        {
            var kind = random.Next(4) == 0 ? GameChangeKind.Gift : GameChangeKind.Wage;
            changes.Add(server.Book.MakePart(batch, kind, to, kind == GameChangeKind.Gift ? random.Next(1, 10) : random.Next(-20, 20)));
        }

        if (changes.Count == 0)
            return;
        var results = await client.SubmitAsync(parts => changes.ForEach(change => Add(parts, change)), batch);
        for (var i = 0; i < changes.Count; i++)
            Settle(changes[i], results[i].Error);
    }

    private static void Add(BatchBuilder batch, GameChange change)
    {
        var (to, amount) = change.Parts[0];
        if (change.Kind == GameChangeKind.Gift)
            batch.Message(to.Kind, to.Id, new Document(new MapBuilder { ["gifts"] = amount }.Build()));
        else
            batch.Change(to.Kind, to.Id, delta => delta.Increment("gold", amount, min: amount < 0 ? 0 : null));
    }

    private async Task TransactAsync(GameChange change, Action<TransactionBuilder> build)
    {
        try
        {
            await client.TransactAsync(build, change.Name);
            Settle(change, failure: null);
        }
        catch (SavepointException failure)
        {
            Settle(change, failure);
        }
    }

    private void Settle(GameChange change, SavepointException? failure)
    {
        if (failure is null)
        {
            server.Book.Acknowledge(change);
            return;
        }

        server.Judge(change.ToString(), failure);
        if (failure.Outcome == RequestOutcome.Unknown)
            server.Book.Forget(change);
        else
            server.Book.Refuse(change);
    }
}
