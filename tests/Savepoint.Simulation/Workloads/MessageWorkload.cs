using Savepoint.Documents;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>Messages to profiles, whether anybody holds their sessions or not; the holders process them (<see cref="SessionWorkload"/>).</summary>
internal sealed class MessageWorkload : Workload
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EntityKey, long> _acknowledged = [];

    public override int Clients => 2;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);
            var tasks = new List<Task>();
            for (var i = client.Random.Next(1, 5); i > 0; i--)
                tasks.Add(SendAsync(client));
            foreach (var task in tasks)
                await task;
        }
    }

    public override void Check(Ledger ledger, Verdict verdict)
    {
        for (var i = 0; i < SessionWorkload.Kept; i++)
        {
            var key = GameKinds.Profile(i);
            var profile = ledger.Find(key);
            var waiting = profile?.Messages.Where(message => profile.WaitingMessages.Contains(message.Id)).Sum(message => AmountIn(message.Body)) ?? 0;
            var processed = profile?.Document?.Root.TryGet("mail", out var mail) == true ? mail.AsInt64() : 0;
            var acknowledged = _acknowledged.GetValueOrDefault(key);
            if (processed + waiting != acknowledged)
                verdict.Fail("I4", $"messages to {key} of {acknowledged} in all were acknowledged; {processed} were processed and {waiting} wait");
        }
    }

    private async Task SendAsync(RawClient client)
    {
        var key = GameKinds.Profile(client.Random.Next(SessionWorkload.Kept));
        var amount = client.Random.Next(1, 1000);
        var done = await client.DoAsync($"message {amount} to {key}", Change.Message(key, amount));
        if (done.Versions is null)
            return;
        lock (_gate)
            _acknowledged[key] = _acknowledged.GetValueOrDefault(key) + amount;
    }

    private static long AmountIn(byte[] body) => Document.Decode(body).Root["n"].AsInt64();
}
