using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Bench;

/// <summary>
/// One producer of units: keeps a window of numbered requests in flight, in the order of a ring, as a connection does, and uses its units again and again.
/// </summary>
internal sealed class EngineLoad
{
    private readonly StateEngine _engine;
    private readonly Action<Mutation[], Random> _fill;
    private readonly Slot[] _ring;
    private readonly Random _random;
    private readonly Guid _writer = Guid.NewGuid();
    private readonly AutoResetEvent _freed = new(false);
    private long _done;

    private EngineLoad(StateEngine engine, int mutations, Action<Mutation[], Random> fill, int window, int seed)
    {
        (_engine, _fill, _random) = (engine, fill, new Random(seed));
        _ring = new Slot[window];
        for (var i = 0; i < window; i++)
            _ring[i] = new Slot(this) { Writer = _writer, Actor = "bench", Mutations = new Mutation[mutations] };
    }

    public LatencyHistogram Latency { get; } = new();

    public long Acknowledged => Volatile.Read(ref _done);

    public string? Refused { get; private set; }

    /// <summary>Whether latencies are counted; off while the load warms up.</summary>
    public bool Counts { get; set; }

    /// <summary>Earnings of one account each.</summary>
    public static EngineLoad OfEarnings(StateEngine engine, EntityKey[] accounts, int window, int seed)
    {
        var delta = Accounts.Earn(1);
        return new EngineLoad(
            engine, 1, (mutations, random) => mutations[0] = new Mutation { Key = accounts[random.Next(accounts.Length)], Payload = delta }, window, seed);
    }

    /// <summary>Transfers between two accounts each.</summary>
    public static EngineLoad OfTransfers(StateEngine engine, EntityKey[] accounts, Skew skew, int window, int seed)
    {
        var (give, take) = (Accounts.Spend(1), Accounts.Earn(1));
        return new EngineLoad(engine, 2, Fill, window, seed);

        void Fill(Mutation[] mutations, Random random)
        {
            var from = skew.Draw(random);
            var to = skew.Draw(random);
            while (from == to)
                to = skew.Draw(random);
            mutations[0] = new Mutation { Key = accounts[from], Payload = give };
            mutations[1] = new Mutation { Key = accounts[to], Payload = take };
        }
    }

    public void Run(CancellationToken stop)
    {
        long request = 0;
        while (!stop.IsCancellationRequested && Refused is null)
        {
            var slot = _ring[request++ % _ring.Length];
            while (slot.IsBusy && Refused is null)
                _freed.WaitOne(1);
            slot.IsBusy = true;
            slot.Started = TimeProvider.System.GetTimestamp();
            slot.Request = request;
            slot.ReceivedThrough = Math.Max(0, request - _ring.Length);
            _fill(slot.Mutations, _random);
            _engine.Submit(slot);
        }

        foreach (var slot in _ring)
        {
            while (slot.IsBusy && Refused is null)
                _freed.WaitOne(100);
        }
    }

    private void Completed(Slot slot, Refusal? refusal)
    {
        if (refusal is not null)
            Refused = refusal.ToString();
        if (Counts)
            Latency.Add(TimeProvider.System.GetElapsedTime(slot.Started));
        Volatile.Write(ref _done, _done + 1);
        slot.IsBusy = false;
        if (slot.Request % (_ring.Length / 8) == 0 || refusal is not null)
            _freed.Set();
    }

    private sealed class Slot(EngineLoad load) : Unit
    {
        private volatile bool _isBusy;

        public bool IsBusy
        {
            get => _isBusy;
            set => _isBusy = value;
        }

        public long Started { get; set; }

        protected override void Completed(Refusal? refusal) => load.Completed(this, refusal);
    }
}
