using Savepoint.Documents;

namespace Savepoint.Simulation;

/// <summary>Messages to profiles, whether anybody holds their sessions or not; the holders process them (<see cref="SessionWorkload"/>).</summary>
internal sealed class MessageWorkload() : BurstWorkload(mostAtOnce: 4)
{
    private readonly Tally _sent = new();

    public override void Check(Ledger ledger, Verdict verdict)
    {
        for (var i = 0; i < SessionWorkload.Kept; i++)
        {
            var key = GameKinds.Profile(i);
            var profile = ledger.Find(key);
            var waiting = profile?.Messages.Where(message => profile.WaitingMessages.Contains(message.Id)).Sum(message => AmountIn(message.Body)) ?? 0;
            var processed = profile?.Document?.Root.TryGet("mail", out var mail) == true ? mail.AsInt64() : 0;
            var acknowledged = _sent.Of(key);
            if (processed + waiting != acknowledged)
                verdict.Fail("I4", $"messages to {key} of {acknowledged} in all were acknowledged; {processed} were processed and {waiting} wait");
        }
    }

    protected override async Task ActAsync(SimulationContext run, RawClient client)
    {
        var key = GameKinds.Profile(client.Random.Next(SessionWorkload.Kept));
        var amount = client.Random.Next(1, 1000);
        var done = await client.DoAsync($"message {amount} to {key}", Change.Message(key, amount));
        if (done.Versions is not null)
            _sent.Add(key, amount);
    }

    private static long AmountIn(byte[] body) => Document.Decode(body).Root["n"].AsInt64();
}
