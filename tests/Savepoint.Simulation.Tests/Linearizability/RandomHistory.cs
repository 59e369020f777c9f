namespace Savepoint.Simulation.Tests.Linearizability;

/// <summary>
/// Callers of a register that does everything in one step, somewhere between call and return: what they see is linearizable by construction. Some lose
/// their connection; what they asked for may still happen, at any time.
/// </summary>
internal sealed class RandomHistory(Random random, int callers, double lossRate, int values)
{
    private readonly List<HistoryOperation> _history = [];
    private readonly List<Call> _open = [];
    private readonly List<Call> _lost = [];
    private long _version;
    private long? _value;
    private long _time;

    public static List<HistoryOperation> Generate(Random random, int length, int callers, double lossRate, int values) =>
        new RandomHistory(random, callers, lossRate, values).Run(length);

    private List<HistoryOperation> Run(int length)
    {
        for (var id = 1; id <= length || _open.Count > 0; _time++)
        {
            if (_lost.Count > 0 && random.NextDouble() < lossRate)
                Apply(Take(_lost));
            else if (id <= length && (_open.Count == 0 || (_open.Count < callers && random.Next(2) == 0)))
                _open.Add(new Call(NewOperation(id++)));
            else
                Advance(_open[random.Next(_open.Count)]);
        }

        return _history;
    }

    private HistoryOperation NewOperation(int id) => random.Next(4) switch
    {
        0 => HistoryOperation.Read(id, _time),
        1 => HistoryOperation.Write(id, _time, NewValue(id)),
        2 => HistoryOperation.CompareAndSet(id, _time, Math.Max(0, _version - random.Next(-1, 2)), NewValue(id)),
        _ => values == 0 ? HistoryOperation.Read(id, _time) : HistoryOperation.Increment(id, _time),
    };

    /// <summary>One of a few values, the missing one among them; or, if values is 0, one that nobody else writes.</summary>
    private long? NewValue(int id) => values == 0 ? 1000 + id : random.Next(values + 1) is var value && value == 0 ? null : value;

    private void Advance(Call call)
    {
        if (random.NextDouble() < lossRate)
        {
            _open.Remove(call);
            _history.Add(call.Operation);
            if (call.Seen is null && random.Next(3) > 0)
                _lost.Add(call);
        }
        else if (call.Seen is null)
        {
            Apply(call);
        }
        else
        {
            _open.Remove(call);
            _history.Add(call.Seen(_time));
        }
    }

    private void Apply(Call call)
    {
        var operation = call.Operation;
        var (version, value) = (_version, _value);
        if (operation.Kind == OperationKind.Read)
        {
            call.Seen = time => operation.Saw(time, version, value);
        }
        else if (operation.ExpectedVersion is { } expected && expected != version)
        {
            call.Seen = time => operation.Refused(time, version);
        }
        else
        {
            (_version, _value) = (version + 1, operation.Kind == OperationKind.Increment ? (_value ?? 0) + 1 : operation.Value);
            call.Seen = time => operation.Acknowledged(time, version + 1);
        }
    }

    private Call Take(List<Call> calls)
    {
        var index = random.Next(calls.Count);
        var call = calls[index];
        calls.RemoveAt(index);
        return call;
    }

    private sealed class Call(HistoryOperation operation)
    {
        public HistoryOperation Operation => operation;

        /// <summary>What the caller gets to see, once the call has taken effect.</summary>
        public Func<long, HistoryOperation>? Seen { get; set; }
    }
}
