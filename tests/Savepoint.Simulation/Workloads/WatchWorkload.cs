using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// Watchers of entities that others change: they come and go, come back from where they were or from long before, at this node or another, and begin again
/// when they are lost.
/// </summary>
internal sealed class WatchWorkload : Workload
{
    private const int Eyes = 4;

    public override int Clients => 2;

    public override bool OnlyWatches => true;

    public override Task RunAsync(SimulationContext run, RawClient client) => AtOnceAsync(Eyes, () => new Eye(run, client).RunAsync());

    /// <summary>Looks at one thing at a time, and remembers where it was.</summary>
    private sealed class Eye(SimulationContext run, RawClient client)
    {
        private readonly List<(EntityKey Key, MirrorPosition Position)> _memory = [];

        public async Task RunAsync()
        {
            while (run.IsWatched)
            {
                var (key, from) = Choose();
                var position = await WatchAsync(key, from);
                if (position.Version > 0)
                    _memory.Add((key, position));
                await run.PauseAsync(client, 10, 5_000);
            }
        }

        private (EntityKey Key, MirrorPosition? From) Choose()
        {
            if (_memory.Count > 0 && client.Random.Next(3) > 0)
                return _memory[client.Random.Next(Math.Max(0, _memory.Count - 3), _memory.Count)];
            var key = client.Random.Next(7) switch
            {
                0 => GameKinds.Counter(client.Random.Next(5)),
                1 => GameKinds.Account(client.Random.Next(10)),
                2 => GameKinds.Thing(client.Random.Next(4)),
                3 => GameKinds.Register(client.Random.Next(3)),
                4 => GameKinds.Body(client.Random.Next(4)),
                _ => GameKinds.Profile(client.Random.Next(4)),
            };
            return (key, null);
        }

        private async Task<MirrorPosition> WatchAsync(EntityKey key, MirrorPosition? from)
        {
            run.OnOperation();
            var connection = new RawConnection(run, client, run.Cluster.Choose(client.Random, key));
            var node = connection.Node;
            var started = new Answer<Start>();
            var lost = new Answer<object>();
            run.Wire.Send(node.Process, () =>
            {
                // Each copy that arrives is a watch of its own.
                var own = new Mirror(from);
                connection.Add(new RawWatcher(
                    run.History, node.Name, own, refusal => run.Wire.Send(client.Process, () => started.Give(new Start(refusal, own))), () => run.Wire.Send(client.Process, () => lost.Give(own)))
                {
                    Key = key,
                    FromVersion = from?.Version ?? 0,
                });
            });
            run.GiveUpAfter(client, started);
            var start = await started.Task;
            if (start is { Refusal: null })
                await StayAsync(node, lost);
            connection.Close();
            return start?.Mirror.Position ?? new MirrorPosition(0, null);
        }

        /// <summary>Until it has seen enough, or there is nothing to be seen any more. The last time it stays until the end.</summary>
        private async Task StayAsync(Node node, Answer<object> lost)
        {
            var patience = client.Random.Next(1, 30);
            while (run.IsWatched && node.Process.IsAlive && !lost.Task.IsCompleted && (patience-- > 0 || !run.GoesOn))
                await run.PauseAsync(client, 500, 1500);
        }

        private sealed record Start(Refusal? Refusal, Mirror Mirror);
    }
}
