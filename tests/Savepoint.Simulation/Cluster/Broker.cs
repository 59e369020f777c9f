using Savepoint.Engine.Relay;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>Takes what nodes publish, a network away; fails when it is told to.</summary>
internal sealed class Broker(SimulatedWorld world, History history)
{
    private readonly Random _random = world.NewRandom();
    private readonly Lock _gate = new();
    private int _faults;

    /// <summary>The share of calls that fail, before or after they took effect.</summary>
    public double Failures { get; set; }

    public int Faults => Volatile.Read(ref _faults);

    public IPublisher Connect(SimulatedProcess process) => new Connection(this, process);

    private (bool FailsBefore, bool FailsAfter, TimeSpan There, TimeSpan Back) Draw()
    {
        lock (_gate)
        {
            var fails = _random.NextDouble() < Failures;
            if (fails)
                _faults++;

            // One that is away altogether takes nothing.
            var after = fails && Failures < 1 && _random.Next(2) == 0;
            return (fails && !after, after, TimeSpan.FromMilliseconds(_random.NextDouble() * 5), TimeSpan.FromMilliseconds(_random.NextDouble() * 5));
        }
    }

    private sealed class Connection(Broker broker, SimulatedProcess process) : IPublisher
    {
        public async ValueTask PublishAsync(int shard, IReadOnlyList<PublishedChange> changes, CancellationToken cancellationToken)
        {
            var (failsBefore, failsAfter, there, back) = broker.Draw();
            await Task.Delay(there, process.Time, cancellationToken);
            if (failsBefore)
                throw new IOException("the broker is away");

            // What a dead process has sent may have arrived all the same; here it has not.
            broker.Take(shard, changes);
            await Task.Delay(back, process.Time, cancellationToken);
            if (failsAfter)
                throw new IOException("the broker's answer was lost");
        }
    }

    private void Take(int shard, IReadOnlyList<PublishedChange> changes) => history.Published(shard, changes);
}
