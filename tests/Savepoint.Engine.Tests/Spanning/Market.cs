using Savepoint.Engine.Ownership;

namespace Savepoint.Engine.Tests;

/// <summary>
/// Gold goes to and fro between accounts of all shards, by clients who send again until they have an answer, while links lose, double and delay what nodes say to
/// each other, stores fail, shards move with and without asking, and nodes die. In the end nothing is lost or made, each version was made once, and nothing is
/// held.
/// </summary>
internal sealed class Market(World world)
{
    private const int Clients = 6;
    private const int Rounds = 14;
    private const long FirstGold = 50;

    private readonly EntityKey[] _accounts = [.. Enumerable.Range(0, 8).Select(number => World.KeyIn(number % World.Shards, number / World.Shards))];
    private readonly Dictionary<(EntityKey Key, long Version), string> _versions = [];
    private readonly Dictionary<EntityKey, long> _gold = [];
    private readonly List<Node> _nodes = [];
    private readonly int[] _owner = new int[World.Shards];
    private readonly EngineOptions _options = World.Options with { UnloadAfter = TimeSpan.FromSeconds(2), CommitRetry = TimeSpan.FromSeconds(0.3), InDoubtAfter = TimeSpan.FromSeconds(1) };
    private bool _isOver;
    private bool _hasFormerOwners;

    /// <summary>Trades that went over several nodes, and took effect.</summary>
    public int Traded { get; private set; }

    private Random Random => world.Random;

    public async Task RunAsync(bool hasTrouble)
    {
        world.Links.AreOpen = true;
        _hasFormerOwners = hasTrouble;
        for (var i = 0; i < 3; i++)
            _nodes.Add(await world.JoinAsync(i == 0 ? [0, 1] : [i + 1], _options));
        (_owner[0], _owner[1], _owner[2], _owner[3]) = (0, 0, 1, 2);
        foreach (var account in _accounts)
            await DoAsync(99, Array.IndexOf(_accounts, account) + 1, Make.Set(account, "gold", FirstGold));
        (world.Links.LostPercent, world.Links.DoubledPercent, world.Links.MostDelayMs) = hasTrouble ? (4, 10, 60) : (0, 0, 4);
        var clients = Enumerable.Range(1, Clients).Select(WorkAsync).ToList();
        var readers = Enumerable.Range(0, 2).Select(_ => FollowAsync()).ToList();
        var trouble = hasTrouble ? MeddleAsync() : Task.CompletedTask;
        foreach (var client in clients)
            await client;
        _isOver = true;
        await trouble;
        foreach (var reader in readers)
            await reader;
        (world.Links.LostPercent, world.Links.DoubledPercent) = (0, 0);
        await CheckAsync();
    }

    private async Task WorkAsync(int writer)
    {
        for (var request = 1; request <= Rounds; request++)
        {
            var parties = _accounts.ToArray();
            Random.Shuffle(parties);
            var count = Random.Next(2, 5);
            var amount = Random.Next(1, 25);
            Mutation[] mutations = [Make.Add(parties[0], "gold", -amount * (count - 1), min: 0), .. parties[1..count].Select(key => Make.Add(key, "gold", amount))];
            if (Random.Next(2) == 0)
                Array.Reverse(mutations);
            await DoAsync(writer, request, mutations);
            await PauseAsync(60);
        }
    }

    private async Task DoAsync(int writer, long request, params Mutation[] mutations)
    {
        var first = new TestUnit(mutations).By(writer, request, received: request - 1);
        for (var sent = first; ; sent = first.Again())
        {
            var node = Guess(mutations[0].Key);
            node.Submit(sent);
            if (Random.Next(8) == 0)
                Guess(mutations[0].Key).Submit(first.Again());
            for (var waited = 0; !sent.IsAnswered && !node.Crashes.IsDead; waited++)
            {
                waited.ShouldBeLessThan(1_000, "everybody is answered");
                await PauseAsync(60);
            }

            if (!sent.IsAnswered || sent.Refusal is { IsTransient: true } or { Code: RefusalCode.OutcomeUnknown })
            {
                await PauseAsync(150);
                continue;
            }

            if (sent.Refusal is { } refusal)
                refusal.Code.ShouldBe(RefusalCode.Document, refusal.ToString());
            else
                Accepted(sent, $"{writer}/{request}");
            return;
        }
    }

    private void Accepted(TestUnit unit, string by)
    {
        Traded += unit.Mutations.Length > 1 ? 1 : 0;
        foreach (var mutation in unit.Mutations)
        {
            _versions.TryAdd((mutation.Key, mutation.ResultVersion), by).ShouldBeTrue($"version {mutation.ResultVersion} of {mutation.Key} was made by {_versions.GetValueOrDefault((mutation.Key, mutation.ResultVersion))} and by {by}");
            foreach (var operation in new DeltaReader(mutation.Payload.Span))
                _gold[mutation.Key] = operation.Kind == OperationKind.Set ? FirstGold : _gold[mutation.Key] + operation.Amount.AsInt64();
        }
    }

    /// <summary>Reads and watches one account after the other: what was acknowledged is never shown as it was before.</summary>
    private async Task FollowAsync()
    {
        while (!_isOver)
        {
            var key = _accounts[Random.Next(_accounts.Length)];
            var owner = Guess(key);
            var acknowledged = _versions.Keys.Where(made => made.Key == key).Select(made => made.Version).DefaultIfEmpty().Max();
            var watcher = owner.Watch(key);
            await PauseAsync(2_000);
            if (!_hasFormerOwners && watcher is { HasStarted: true, Refusal: null })
                watcher.Mirror.Version.ShouldBeGreaterThanOrEqualTo(acknowledged);
        }
    }

    private async Task MeddleAsync()
    {
        while (!_isOver)
        {
            await PauseAsync(900);
            var node = _nodes[Random.Next(_nodes.Count)];
            var faults = world.Second is not null && Random.Next(2) == 0 ? node.SecondFaults : node.Faults;
            switch (Random.Next(8))
            {
                case 0:
                    faults.LoseAnswerOfNext(StoreOperation.Append);
                    break;
                case 1:
                    faults.FailNext(StoreOperation.Append, times: Random.Next(1, 20));
                    break;
                case 2:
                    faults.FailNext(StoreOperation.Append, isTransient: false);
                    break;
                case 3:
                    await DieAsync(Random.Next(_nodes.Count));
                    break;
                case 4:
                    var stall = faults.StallNext(StoreOperation.Append);
                    await PauseAsync(1_500);
                    stall.Release();
                    break;
                default:
                    await MoveAsync(Random.Next(World.Shards));
                    break;
            }
        }
    }

    private async Task DieAsync(int index)
    {
        _nodes[index].Crash();
        await PauseAsync(800);
        var shards = Enumerable.Range(0, World.Shards).Where(shard => _owner[shard] == index).ToArray();
        _nodes[index] = await world.JoinAsync([], _options);
        foreach (var shard in shards)
            await TakeAsync(_nodes[index], shard);
    }

    private async Task MoveAsync(int shard)
    {
        var to = Random.Next(_nodes.Count);
        if (to == _owner[shard])
            return;
        var before = world.Links.Owners[shard];
        if (Random.Next(2) == 0)
            await _nodes[_owner[shard]].Release(shard);
        await TakeAsync(_nodes[to], shard);
        _owner[shard] = to;

        // Some ask the former owner for a while still, who may believe that it is the owner.
        world.Links.Owners[shard] = before;
        await PauseAsync(400);
        world.Links.Owners[shard] = _nodes[to];
    }

    private async Task TakeAsync(Node node, int shard)
    {
        while ((await node.TryTake(shard)).Single().Outcome is not TakeOutcome.Served)
            await PauseAsync(100);
        world.Links.Owners[shard] = node;
    }

    private async Task CheckAsync()
    {
        for (var shard = 0; shard < World.Shards; shard++)
            await TakeAsync(_nodes[0], shard);
        await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        var sum = 0L;
        foreach (var account in _accounts)
        {
            var reading = _nodes[0].Read(account);
            await reading.Answer;
            reading.Refusal.ShouldBeNull();
            var gold = Document.Decode(reading.Snapshot.Document).Root["gold"].AsInt64();
            gold.ShouldBe(_gold[account], $"{account} at {reading.Snapshot.Version}");
            _versions.Keys.Count(made => made.Key == account).ShouldBe((int)reading.Snapshot.Version);
            sum += gold;
        }

        sum.ShouldBe(_accounts.Length * FirstGold);
        var snapshot = _nodes[0].Engine.Snapshot();
        (snapshot.PreparedUnits, snapshot.DecidedUnits, snapshot.UnitsUnderWay, snapshot.QueuedUnits).ShouldBe((0, 0, 0, 0));
    }

    private Node Guess(EntityKey key)
    {
        var owner = _owner[ShardHash.ShardOf(key.Id, World.Shards)];
        return _nodes[Random.Next(8) == 0 ? Random.Next(_nodes.Count) : owner];
    }

    private Task PauseAsync(int mostMs) => Task.Delay(TimeSpan.FromMilliseconds(1 + Random.Next(mostMs)), world.Time);
}
