using Savepoint.Documents;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>
/// Two engines over one database that pass shards to and fro, while clients change entities exactly once, watchers follow them and game servers hold sessions,
/// all of whom know the owners only roughly.
/// </summary>
internal sealed class Exchange(World world)
{
    private const int LeastMoves = 15;
    private const int ClientsPerShard = 2;
    private const int Servers = 3;
    private const int ChangesUnderSession = 6;

    private static readonly EntityKey Held = World.KeyIn(1, 7);

    private readonly Node[] _nodes = new Node[2];
    private readonly int[] _owner = new int[World.Shards];
    private readonly Dictionary<EntityKey, long> _acknowledged = [];
    private bool _isOver;
    private int _changesUnderSession;

    private Random Random => world.Random;

    public async Task RunAsync(bool forceful)
    {
        var publisher = new MemoryPublisher();
        _nodes[0] = await world.JoinAsync([.. Enumerable.Range(0, World.Shards)], publisher: publisher);
        _nodes[1] = await world.JoinAsync([], publisher: publisher);
        var clients = Enumerable.Range(0, World.Shards * ClientsPerShard).Select(number => WorkAsync(number + 1, KeyOf(number))).ToList();
        var servers = Enumerable.Range(0, Servers).Select(number => HoldAsync(100 + number)).ToList();
        var followers = Enumerable.Range(0, World.Shards).Select(number => FollowAsync(KeyOf(number))).ToList();
        for (var moves = 0; moves < LeastMoves || !servers.TrueForAll(server => server.IsCompleted); moves++)
        {
            await PauseAsync(150);
            await MoveAsync(Random.Next(World.Shards), forceful);
        }

        await Task.WhenAll(servers);
        _isOver = true;
        await Task.WhenAll(clients);
        await Task.WhenAll(followers);
        await CheckAsync(publisher);
        foreach (var node in _nodes)
        {
            await node.Release([.. Enumerable.Range(0, World.Shards)]);
            world.Settle();
            var snapshot = node.Engine.Snapshot();
            (snapshot.ResidentEntities, snapshot.Sessions, snapshot.Watchers, snapshot.UncheckpointedRecords).ShouldBe((0, 0, 0, 0));
            (snapshot.QueuedUnits, snapshot.QueuedBytes).ShouldBe((0, 0));
            await node.StopAsync();
        }
    }

    private static EntityKey KeyOf(int number) => World.KeyIn(number % World.Shards, number / World.Shards);

    private async Task MoveAsync(int shard, bool forceful)
    {
        var (from, to) = (_nodes[_owner[shard]], _nodes[1 - _owner[shard]]);
        if (forceful && Random.Next(3) == 0)
            Disturb(_nodes[Random.Next(2)]);
        if (!forceful || Random.Next(2) == 0)
            (await from.Release(shard)).Count.ShouldBeLessThanOrEqualTo(1);
        while ((await to.TryTake(shard)).Single() is { Outcome: not TakeOutcome.Served } failed)
        {
            failed.Outcome.ShouldBe(TakeOutcome.StoreFailed);
            await PauseAsync(100);
        }

        _owner[shard] = 1 - _owner[shard];
    }

    private void Disturb(Node node)
    {
        switch (Random.Next(3))
        {
            case 0:
                node.Faults.LoseAnswerOfNext(StoreOperation.Append);
                break;
            case 1:
                node.Faults.FailNext(StoreOperation.Append, times: 3);
                break;
            default:
                node.Faults.FailNext(StoreOperation.WriteCheckpoint, times: 20);
                break;
        }
    }

    /// <summary>Adds one again and again, each under a number of its own, and sends it until there is an outcome; now and then to both at once.</summary>
    private async Task WorkAsync(int writer, EntityKey key)
    {
        for (var request = 1; !_isOver; request++)
        {
            var first = Make.Add(key, "n", 1).By(writer, request, received: request - 1);
            var sent = new List<TestUnit>();
            while (sent.TrueForAll(unit => unit.Refusal is not null))
            {
                if (sent.Count > 0)
                    await PauseAsync(50);
                var unit = first.Again();
                sent.Add(Guess(key).Submit(unit));
                if (Random.Next(10) == 0)
                    Guess(key).Submit(first.Again());
                else
                    await unit.Answer;
                sent.ShouldAllBe(one => one.Refusal == null || one.Refusal.IsTransient);
                if (!unit.IsAnswered)
                    sent.RemoveAt(sent.Count - 1);
            }

            var version = sent.First(unit => unit.Refusal is null).Version;
            version.ShouldBe(_acknowledged.GetValueOrDefault(key) + 1, "nobody else changes it");
            _acknowledged[key] = version;
            await PauseAsync(50);
        }
    }

    /// <summary>Watches, and watches again when it is lost; what it knows never goes back.</summary>
    private async Task FollowAsync(EntityKey key)
    {
        var reached = 0L;
        while (!_isOver || reached < _acknowledged[key])
        {
            var watcher = Guess(key).Watch(key);
            while (!watcher.IsLost && watcher.Refusal is null && (!_isOver || watcher.Mirror.Version < _acknowledged[key]))
                await PauseAsync(30);
            if (watcher is { HasStarted: true, Refusal: null })
                watcher.Mirror.Version.ShouldBeGreaterThanOrEqualTo(reached);
            reached = Math.Max(reached, watcher.Mirror.Version);
            await PauseAsync(30);
        }
    }

    /// <summary>A game server that opens the session, changes what it sees a few times, and ends it, wherever the shard is.</summary>
    private async Task HoldAsync(int writer)
    {
        var next = 1L;
        var holder = await OpenAsync(writer, next++, resume: 0);
        var session = holder.Session;
        for (var done = 0; done < ChangesUnderSession;)
        {
            if (holder.Log.Contains("lost"))
                holder = await OpenAsync(writer, 0, session);
            holder.Session.ShouldBe(session);
            var seen = holder.Mirror.Document is { } document && document.Root.TryGet("n", out var value) ? value.AsInt64() : 0;
            if (await SendAsync(Make.Set(Held, "n", seen + 1).Under(session).At(holder.Mirror.Version), writer, next++) is not { } refusal)
            {
                _changesUnderSession++;
                done++;
            }
            else
            {
                refusal.Code.ShouldBe(RefusalCode.VersionMismatch, "its own change before, which it was not pushed for its watch being lost");
            }

            await PauseAsync(150);
        }

        (await SendAsync(Make.EndSession(Held, session), writer, next)).ShouldBeNull();
    }

    private async Task<Refusal?> SendAsync(Mutation mutation, int writer, long request)
    {
        while (true)
        {
            var refusal = await Guess(Held).Submit(mutation.By(writer, request)).Answer;
            if (refusal is not { IsTransient: true })
                return refusal;
            await PauseAsync(50);
        }
    }

    private async Task<Holder> OpenAsync(int writer, long request, long resume)
    {
        while (true)
        {
            var holder = Guess(Held).Open(Held, writer, request, resume: resume, wait: 3600);
            await holder.Opened;
            if (holder.Opening.Refusal is not { } refusal)
                return holder;
            refusal.IsTransient.ShouldBeTrue(refusal.Code.ToString());
            await PauseAsync(50);
        }
    }

    private async Task CheckAsync(MemoryPublisher publisher)
    {
        foreach (var (key, version) in _acknowledged)
        {
            (await ReadAsync(key)).ShouldBe($$"""{"n":{{version}}}""");
            var published = publisher.Versions(key).ToList();
            published.Distinct().Count().ShouldBe((int)version);
            published.Select((at, i) => at <= published.Take(i).DefaultIfEmpty(0).Max() + 1).ShouldAllBe(isNext => isNext);
        }

        _changesUnderSession.ShouldBe(Servers * ChangesUnderSession);
        (await ReadAsync(Held)).ShouldBe($$"""{"n":{{_changesUnderSession}}}""");
    }

    private async Task<string> ReadAsync(EntityKey key)
    {
        for (var i = 0; i < 200; i++)
        {
            var read = await Guess(key).Json(key);
            if (read is not ("NotOwner" or "Unavailable"))
                return read;
            await PauseAsync(50);
        }

        return "nobody owns it";
    }

    /// <summary>The owner of an entity, as far as one knows.</summary>
    private Node Guess(EntityKey key)
    {
        var owner = _owner[ShardHash.ShardOf(key.Id, World.Shards)];
        return _nodes[Random.Next(6) == 0 ? 1 - owner : owner];
    }

    private Task PauseAsync(int mostMs) => Task.Delay(TimeSpan.FromMilliseconds(1 + Random.Next(mostMs)), world.Time);
}
