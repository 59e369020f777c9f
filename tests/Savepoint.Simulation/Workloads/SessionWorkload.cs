using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// Game servers that fight over a few profiles: they open, wait, steal and hand over, lose their connections and come back in time or not, die, and go on
/// writing with sessions that are over. Meanwhile others give presents, and try what they may not.
/// </summary>
internal sealed class SessionWorkload : Workload
{
    /// <summary>How many profiles there are that messages are sent to.</summary>
    public const int Kept = 3;

    private readonly Lock _gate = new();
    private readonly List<(Operation Operation, EntityKey Key, long Gold)> _gold = [];

    public override int Clients => 5;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        var past = new Dictionary<EntityKey, long>();
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);

            // The last of them is removed at times.
            var key = GameKinds.Profile(client.Random.Next(Kept + 1));
            if (client.Random.Next(3) == 0)
                await InterfereAsync(client, key);
            else
                await new Play(this, run, client, key, past).RunAsync();
        }
    }

    public override void Check(Ledger ledger, Verdict verdict)
    {
        for (var i = 0; i < Kept; i++)
        {
            var key = GameKinds.Profile(i);
            var expected = _gold.Where(gift => gift.Key == key && gift.Operation.Commit != 0).Sum(gift => gift.Gold);
            var gold = ledger.Find(key)?.Document?.Root["gold"].AsInt64() ?? 0;
            if (gold != expected)
                verdict.Fail("I4", $"{key} has {gold} gold instead of {expected}");
        }
    }

    /// <summary>
    /// Somebody without a session: a present goes with whatever the holder does; anything else has to wait until there is none, and another's number is no help.
    /// </summary>
    private Task InterfereAsync(RawClient client, EntityKey key) => AtOnceAsync(client.Random.Next(1, 4), () => client.Random.Next(6) switch
    {
        0 or 1 => client.DoAsync($"meddle with {key}", Change.Set(key, "level", client.Random.Next(100))),
        2 => AddGoldAsync(client, key, session: client.History.Look(ledger => ledger.Find(key)?.Session.Number ?? 1)),
        _ => AddGoldAsync(client, key, session: 0),
    });

    private async Task<Operation> AddGoldAsync(RawClient client, EntityKey key, long session)
    {
        var gold = client.Random.Next(1, 100);
        var operation = client.Begin($"{gold} gold for {key} under {session}", Change.Add(key, "gold", gold).Under(session));
        lock (_gate)
            _gold.Add((operation, key, gold));
        return await client.DoAsync(operation);
    }

    /// <summary>One stay of a game server with one profile.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="run">The run.</param>
    /// <param name="client">The game server.</param>
    /// <param name="key">The profile.</param>
    /// <param name="past">The sessions of earlier stays.</param>
    private sealed class Play(SessionWorkload workload, SimulationContext run, RawClient client, EntityKey key, Dictionary<EntityKey, long> past)
    {
        private readonly SessionClient _session = new(run, client, key);

        public async Task RunAsync()
        {
            var policy = client.Random.Next(6) switch { 0 => SessionConflictPolicy.Steal, 1 => SessionConflictPolicy.Fail, _ => SessionConflictPolicy.Wait };
            if (!await _session.OpenAsync(policy))
                return;
            for (var turns = client.Random.Next(2, 9); turns > 0 && run.GoesOn && !_session.IsOver; turns--)
            {
                await run.PauseAsync(client, 100, 4000);
                if (_session.IsRequested && client.Random.Next(5) > 0)
                    break;
                await TurnAsync();
            }

            await LeaveAsync();
        }

        private async Task TurnAsync()
        {
            if (_session.IsLost)
            {
                await _session.ResumeAsync();
                return;
            }

            switch (client.Random.Next(16))
            {
                case 0:
                    await StayAwayAsync(50, 6_000);
                    break;
                case 1:
                    await StayAwayAsync(10_000, 20_000);
                    break;
                case 2 when client.Random.Next(2) == 0:
                    client.Process.Crash();
                    await Task.Yield();
                    break;
                case 3 when key == GameKinds.Profile(Kept):
                    await _session.WriteAsync("removal", Change.Remove(key));
                    break;
                case 4 when past.TryGetValue(key, out var before):
                    await workload.AddGoldAsync(client, key, before);
                    break;
                default:
                    await WriteAsync();
                    break;
            }
        }

        private async Task StayAwayAsync(int leastMs, int mostMs)
        {
            _session.Disconnect();
            await run.PauseAsync(client, leastMs, mostMs);
            await _session.ResumeAsync();
        }

        private Task WriteAsync() => AtOnceAsync(client.Random.Next(1, 4), () => client.Random.Next(3) switch
        {
            0 => _session.WriteAsync("level", Change.Set(key, "level", client.Random.Next(100))),
            1 => workload.AddGoldAsync(client, key, _session.Number),
            _ => ProcessAsync(),
        });

        /// <summary>Deals with some of the messages: what it does about them goes in the same commit.</summary>
        private async Task ProcessAsync()
        {
            var (messages, sum) = _session.TakeMessages(client.Random.Next(1, 4));
            if (messages.Length == 0)
                return;
            var processing = Change.Add(key, "mail", sum).Processing(messages);
            await _session.WriteAsync($"messages {string.Join(',', messages)}", processing);

            // Somebody forgets what he has done.
            if (client.Random.Next(6) == 0)
                await _session.WriteAsync($"messages {string.Join(',', messages)} again", processing);
        }

        /// <summary>Ends the session, with or without a last save, or leaves it to its lease; and does not always know when to stop.</summary>
        private async Task LeaveAsync()
        {
            var number = past[key] = _session.Number;
            switch (client.Random.Next(5))
            {
                case 0:
                    break;
                case 1 or 2:
                    await _session.WriteAsync("end", Change.EndSession(key, number));
                    break;
                default:
                    await _session.WriteAsync("last save and end", Change.Set(key, "level", client.Random.Next(100)), Change.EndSession(key, number));
                    break;
            }

            _session.End();
            if (client.Random.Next(3) == 0)
                await workload.AddGoldAsync(client, key, number);
        }
    }
}
