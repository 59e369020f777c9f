using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// Registers that clients read, write, and write if the version is the one that they have read. Each call, from its sending to its answer, goes into a history
/// that has to be linearizable; what was never answered may have happened or not.
/// </summary>
internal sealed class RegisterWorkload : Workload
{
    private const int Registers = 3;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<int, HistoryOperation>[] _histories = [.. Enumerable.Range(0, Registers).Select(_ => new SortedDictionary<int, HistoryOperation>())];
    private long _moment;
    private int _calls;

    public override int Clients => 3;

    public override async Task RunAsync(SimulationContext run, RawClient client)
    {
        var seen = new long[Registers];
        while (run.GoesOn)
        {
            await run.ThinkAsync(client);
            var register = client.Random.Next(Registers);
            for (var calls = client.Random.Next(1, 5); calls > 0; calls--)
                seen[register] = await CallAsync(client, register, seen[register]);
        }
    }

    public override void Check(Ledger ledger, Verdict verdict)
    {
        for (var register = 0; register < Registers; register++)
        {
            var result = LinearizabilityChecker.Check([.. _histories[register].Values]);
            if (!result.IsLinearizable)
                verdict.Fail("linearizability", $"{GameKinds.Register(register)}: {result}");
        }
    }

    /// <summary>Makes one call.</summary>
    /// <returns>The newest version that is known of.</returns>
    private Task<long> CallAsync(RawClient client, int register, long seen) => client.Random.Next(6) switch
    {
        0 or 1 => ReadAsync(client, register),
        2 => WriteAsync(client, register, expected: null),
        _ => WriteAsync(client, register, seen),
    };

    private async Task<long> ReadAsync(RawClient client, int register)
    {
        var call = Begin(register, HistoryOperation.Read);
        var shown = (await client.ReadAsync(GameKinds.Register(register))).Snapshot;
        End(register, call.Saw(Now(), shown.Version, shown.Document is { } bytes ? Document.Decode(bytes).Root["value"].AsInt64() : null));
        return shown.Version;
    }

    private async Task<long> WriteAsync(RawClient client, int register, long? expected)
    {
        var (key, value) = (GameKinds.Register(register), client.Random.NextInt64() >> 20);
        var change = Change.Set(key, "value", value) with { ExpectedVersion = expected };
        var call = Begin(register, (id, invoked) => expected is { } version
            ? HistoryOperation.CompareAndSet(id, invoked, version, value)
            : HistoryOperation.Write(id, invoked, value));
        var done = await client.DoAsync($"{key} = {value:x}{(expected is null ? "" : $" at {expected}")}", change);
        if (done.Versions is [var made])
        {
            End(register, call.Acknowledged(Now(), made));
            return made;
        }

        if (done.Refusal is { Code: RefusalCode.VersionMismatch } refusal)
        {
            End(register, call.Refused(Now(), refusal.CurrentVersion));
            return refusal.CurrentVersion;
        }

        client.History.Verdict.Fail("I4", $"{done} was refused as {done.Refusal}");
        return 0;
    }

    private HistoryOperation Begin(int register, Func<int, long, HistoryOperation> begin)
    {
        var call = begin(Interlocked.Increment(ref _calls), Now());
        End(register, call);
        return call;
    }

    /// <summary>Takes down what is known of a call now.</summary>
    private void End(int register, HistoryOperation call)
    {
        lock (_gate)
            _histories[register][call.Id] = call;
    }

    private long Now() => Interlocked.Increment(ref _moment);
}
