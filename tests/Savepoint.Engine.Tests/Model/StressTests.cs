using System.Collections.Concurrent;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>The engine on real threads, for what no simulation shows: data races. A fixed amount of work, whatever time it takes.</summary>
public sealed class StressTests
{
    private const int Threads = 4;
    private const int PerThread = 20_000;
    private const int Accounts = 32;

    private static readonly EngineOptions Options = new()
    {
        ShardCount = 16,
        SaveInterval = TimeSpan.FromMilliseconds(20),
        UnloadAfter = TimeSpan.FromMilliseconds(50),
        CheckpointBatchSize = 16,
        SnapshotEvery = 10,
    };

    [Fact]
    public async Task Many_threads_lose_nothing_and_do_nothing_twice()
    {
        const int seed = 20260131;
        var database = new MemoryDatabase();
        var keys = Enumerable.Range(0, Accounts).Select(number => World.Thing($"account-{number}")).ToArray();
        var engine = Engine(database, seed);
        await engine.StartAsync(CancellationToken.None);
        var watchers = keys.Take(8).Select(key => new Onlooker { Key = key }).ToList();
        watchers.ForEach(engine.Watch);

        var versions = new ConcurrentDictionary<(EntityKey, long), int>();
        var sums = new long[Accounts];
        var workers = Enumerable.Range(0, Threads).Select(thread => Task.Run(() => WorkAsync(engine, keys, thread, seed, versions, sums)));
        var servers = Enumerable.Range(0, 3).Select(number => Task.Run(() => HoldAsync(engine, World.Thing("held"), 100 + number)));
        var readers = Enumerable.Range(0, 2).Select(number => Task.Run(() => ReadAsync(engine, keys, seed + number)));
        await Task.WhenAll([.. workers, .. servers, .. readers]);

        engine.Snapshot().Fault.ShouldBeNull();
        await engine.StopAsync(CancellationToken.None);
        engine = Engine(database, seed);
        await engine.StartAsync(CancellationToken.None);
        for (var i = 0; i < Accounts; i++)
        {
            var reading = await ReadAsync(engine, keys[i]);
            Snapshots.Decode(reading.Snapshot.Document!).Root["gold"].AsInt64().ShouldBe(sums[i]);
            versions.Keys.Count(made => made.Item1 == keys[i]).ShouldBe((int)reading.Snapshot.Version);
            versions.Keys.Where(made => made.Item1 == keys[i]).Max(made => made.Item2).ShouldBe(reading.Snapshot.Version);
        }

        sums.Sum().ShouldBe(Threads * PerThread / 2);
        foreach (var watcher in watchers)
            watcher.Mirror.Version.ShouldBe((await ReadAsync(engine, watcher.Key)).Snapshot.Version);
        var held = await ReadAsync(engine, World.Thing("held"));
        Snapshots.Decode(held.Snapshot.Document!).Root["n"].AsInt64().ShouldBe(3 * 50 * 2);
        await engine.StopAsync(CancellationToken.None);
    }

    private static StateEngine Engine(MemoryDatabase database, int seed) =>
        new(new MemoryStore(database), TestKinds.All, Options, TimeProvider.System, new Random(seed));

    /// <summary>Half of the requests add one, half move some from one account to another; each is sent twice now and then.</summary>
    private static async Task WorkAsync(
        StateEngine engine, EntityKey[] keys, int thread, int seed, ConcurrentDictionary<(EntityKey, long), int> versions, long[] sums)
    {
        var random = new Random(seed + thread);
        var window = new Queue<(TestUnit Unit, TestUnit? Repeat)>();
        for (var request = 1; request <= PerThread; request++)
        {
            var (from, to) = (random.Next(Accounts), random.Next(Accounts - 1));
            if (to >= from)
                to++;
            var unit = request % 2 == 0
                ? Make.Add(keys[from], "gold", 1).By(1 + thread, request, Math.Max(0, request - 200))
                : new TestUnit(Make.Add(keys[from], "gold", -3), Make.Add(keys[to], "gold", 3)).By(1 + thread, request, Math.Max(0, request - 200));
            engine.Submit(unit);
            var repeat = random.Next(8) == 0 ? unit.Again() : null;
            if (repeat is not null)
                engine.Submit(repeat);
            window.Enqueue((unit, repeat));
            if (window.Count > 100)
                await CheckAsync(window.Dequeue());
        }

        while (window.TryDequeue(out var left))
            await CheckAsync(left);

        async Task CheckAsync((TestUnit Unit, TestUnit? Repeat) sent)
        {
            (await sent.Unit.Answer).ShouldBeNull();
            if (sent.Repeat is { } repeat)
            {
                (await repeat.Answer).ShouldBeNull();
                repeat.Versions.ShouldBe(sent.Unit.Versions);
            }

            foreach (var mutation in sent.Unit.Mutations)
            {
                versions.TryAdd((mutation.Key, mutation.ResultVersion), thread).ShouldBeTrue($"{mutation.Key} {mutation.ResultVersion}");
                foreach (var operation in new DeltaReader(mutation.Payload.Span))
                    Interlocked.Add(ref sums[Array.IndexOf(keys, mutation.Key)], operation.Amount.AsInt64());
            }
        }
    }

    /// <summary>Three servers hand one session around; each writes under it twice.</summary>
    private static async Task HoldAsync(StateEngine engine, EntityKey key, int writer)
    {
        var request = 0L;
        for (var round = 0; round < 50; round++)
        {
            var holder = new Holder { Key = key, Name = $"server-{writer}", Writer = World.Writer(writer), Request = ++request };
            engine.OpenSession(holder);
            var opening = await holder.Opened;
            opening.Session.ShouldBeGreaterThan(0);
            var write = Make.Add(key, "n", 1).Under(opening.Session).By(writer, ++request);
            var last = new TestUnit(Make.Set(key, "by", writer).Under(opening.Session), Make.EndSession(key, opening.Session)).By(writer, request + 2);
            var second = Make.Add(key, "n", 1).Under(opening.Session).By(writer, ++request);
            request++;
            engine.Submit(write);
            engine.Submit(second);
            engine.Submit(last);
            (await write.Answer).ShouldBeNull();
            (await second.Answer).ShouldBeNull();
            (await last.Answer).ShouldBeNull();
        }
    }

    private static async Task ReadAsync(StateEngine engine, EntityKey[] keys, int seed)
    {
        var random = new Random(seed);
        var seen = new Dictionary<EntityKey, long>();
        for (var i = 0; i < 20_000; i++)
        {
            // Also such as nobody else uses: they come and go, and meet their own loads.
            var key = random.Next(4) == 0 ? World.Thing($"nobody-{random.Next(50)}") : keys[random.Next(Accounts)];
            var version = (await ReadAsync(engine, key)).Snapshot.Version;
            version.ShouldBeGreaterThanOrEqualTo(seen.GetValueOrDefault(key));
            seen[key] = version;
        }
    }

    private static async Task<Reading> ReadAsync(StateEngine engine, EntityKey key)
    {
        var reading = new Reading { Key = key };
        engine.Read(reading);
        await reading.Answer.WaitAsync(TimeSpan.FromSeconds(30));
        reading.Refusal.ShouldBeNull();
        return reading;
    }
}
