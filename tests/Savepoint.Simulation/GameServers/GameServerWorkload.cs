namespace Savepoint.Simulation;

/// <summary>Game servers that take heroes over from each other; one that dies is started again.</summary>
internal sealed class GameServerWorkload(ChangeBook book) : Workload
{
    private int _open;

    public override int Clients => 3;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        Interlocked.Increment(ref _open);
        while (run.GoesOn)
        {
            await new GameServer(run, book, $"arena-{client.Name[^1]}", client.Random).LiveAsync();
            await run.PauseAsync(client, 100, 5000);
        }

        if (Interlocked.Decrement(ref _open) > 0)
            return;
        await new GameServer(run, book, "arena-last", client.Random).CloseAsync();
        book.Close();
    }

    public override void Check(Ledger ledger, Verdict verdict) => book.Check(ledger);
}
