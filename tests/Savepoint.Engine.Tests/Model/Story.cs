using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>
/// Random clients against engines that crash, stop and meet a failing store, and a model of what must come of it. Each client numbers its requests and
/// sends each again until it has a certain answer. In the end every request must have taken effect exactly as it was answered, once: the documents equal
/// the sums of what was accepted, and the versions that were handed out are 1, 2, 3, with no gap and none twice.
/// </summary>
internal sealed class Story(World world, Story.Plan plan)
{
    private static readonly EngineOptions Options = World.Options with
    {
        SaveInterval = TimeSpan.FromSeconds(0.3),
        UnloadAfter = TimeSpan.FromSeconds(1.5),
        CheckpointBatchSize = 3,
        SnapshotEvery = 5,
        CommitRetry = TimeSpan.FromSeconds(0.2),
    };

    private readonly EntityKey[] _keys = [.. Enumerable.Range(0, 10).Select(number => World.KeyIn(number % World.Shards, number))];
    private readonly EntityKey _held = World.KeyIn(2, 50);
    private readonly Dictionary<EntityKey, SortedDictionary<long, string>> _versions = [];
    private readonly Dictionary<(EntityKey Key, string Path), long> _sums = [];
    private readonly MemoryPublisher _publisher = new();
    private readonly HashSet<long> _messages = [];
    private readonly HashSet<long> _processed = [];
    private Node _node = null!;
    private TaskCompletionSource _isUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isOver;

    /// <summary>What happens to the engines.</summary>
    /// <param name="CrashPoints">At which of its writes each of the first engines dies.</param>
    /// <param name="HasFaults">Whether the store fails now and then.</param>
    /// <param name="StopsWell">Whether engines are also stopped in good order.</param>
    public sealed record Plan(int[] CrashPoints, bool HasFaults, bool StopsWell);

    /// <summary>Crash points that the first engine passed.</summary>
    public int Passed { get; private set; }

    public async Task RunAsync()
    {
        var supervisor = SuperviseAsync();
        await _isUp.Task;
        var gremlin = plan.HasFaults ? MeddleAsync() : Task.CompletedTask;
        var watching = Enumerable.Range(0, 3).Select(number => WatchAsync(_keys[number])).ToList();
        var clients = Enumerable.Range(1, 4).Select(ClientAsync).Concat(Enumerable.Range(11, 2).Select(ServerAsync)).ToList();
        await Task.WhenAll(clients);
        _isOver = true;
        await gremlin;
        Passed = world.Nodes[0].Crashes.Passed;
        await supervisor;
        foreach (var watch in watching)
            await watch;
        await CheckAsync();
    }

    private async Task SuperviseAsync()
    {
        for (var life = 0; !_isOver; life++)
        {
            var node = world.NewNode(Options, _publisher);
            if (life < plan.CrashPoints.Length)
                node.Crashes.DieAt = plan.CrashPoints[life];
            var starting = node.StartAsync();
            await AnyAsync(starting, node.Died);
            if (!node.Crashes.IsDead)
            {
                await starting;
                _node = node;
                _isUp.TrySetResult();
                var inPeace = plan.StopsWell && world.Random.Next(2) == 0 ? Pause(500, 3_000) : Task.Delay(TimeSpan.FromHours(1), world.Time);
                while (!node.Crashes.IsDead && !inPeace.IsCompleted && !_isOver)
                    await AnyAsync(node.Died, inPeace, Task.Delay(TimeSpan.FromMilliseconds(100), world.Time));
                _isUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

                // Without a stop, it goes on serving those who are with it while the next one takes over.
                var isTakenOver = plan.StopsWell && !_isOver && world.Random.Next(2) == 0;
                if (!node.Crashes.IsDead && !isTakenOver)
                    await AnyAsync(node.StopAsync(), node.Died);
            }

            await Pause(10, 500);
        }

        // Whoever waits for the next engine sees that there will be none.
        _isUp.TrySetResult();
    }

    private async Task MeddleAsync()
    {
        while (!_isOver)
        {
            await Pause(20, 400);
            var faults = _node.Faults;
            _publisher.Failure = world.Random.Next(4) == 0 ? () => new InvalidOperationException("the publisher is down") : null;
            switch (world.Random.Next(9))
            {
                case 0:
                    faults.FailNext(StoreOperation.Append, times: world.Random.Next(1, 12));
                    break;
                case 1:
                    faults.FailNext(StoreOperation.Append, isTransient: false);
                    break;
                case 2:
                    faults.LoseAnswerOfNext(StoreOperation.Append);
                    break;
                case 3:
                    _ = LandAsync(faults.LoseNextAppend());
                    break;
                case 4:
                    faults.FailNext(StoreOperation.WriteCheckpoint, times: world.Random.Next(1, 4));
                    break;
                case 5:
                    faults.FailNext(StoreOperation.ReadEntities);
                    break;
                case 6:
                    faults.FailNext(StoreOperation.ReadJournal);
                    break;
                case 7:
                    _ = ReleaseAsync(faults.StallNext(StoreOperation.Append));
                    break;
                default:
                    _ = ReleaseAsync(faults.StallNext(StoreOperation.WriteCheckpoint));
                    break;
            }
        }
    }

    private async Task LandAsync(Task<LateAppend> losing)
    {
        var late = await losing;
        await Pause(0, 40);
        if (world.Random.Next(2) == 0)
            await late.TryLandAsync();
    }

    private async Task ReleaseAsync(StoreStall stall)
    {
        await stall.Reached;
        await Pause(1, 300);
        stall.Release();
    }

    private async Task ClientAsync(int writer)
    {
        var open = new SortedSet<long>();
        var tasks = new List<Task>();
        for (var request = 1L; request <= 25; request++)
        {
            open.Add(request);
            tasks.Add(SendAsync(writer, request, Mutations(writer), open));
            while (open.Count >= 4)
                await AnyAsync(tasks.Where(task => !task.IsCompleted));
            await Pause(0, 250);
        }

        await Task.WhenAll(tasks);
    }

    private Mutation[] Mutations(int writer)
    {
        var one = _keys[world.Random.Next(_keys.Length)];
        var other = _keys[world.Random.Next(_keys.Length)];
        return world.Random.Next(7) switch
        {
            3 => [Make.Message(_held)],
            0 when other != one => [Make.Add(one, "gold", -7, min: -20), Make.Add(other, "gold", 7)],
            1 => [.. _keys.Take(5).Select(key => Make.Add(key, "gold", 1))],
            2 => [Make.Add(one, "gold", -15, min: -20)],
            _ => [Make.Add(one, $"c{writer}", 1)],
        };
    }

    /// <summary>Sends a request until the answer is certain, and notes what must be true by it.</summary>
    private async Task<Refusal?> SendAsync(int writer, long request, Mutation[] mutations, SortedSet<long> open)
    {
        while (true)
        {
            await _isUp.Task;
            var node = _node;
            var unit = node.Submit(new TestUnit([.. mutations]).By(writer, request, received: open.Min - 1));
            if (await AnyAsync(unit.Answer, node.Died) && unit.IsAnswered)
            {
                if (unit.Refusal is not { } refusal)
                {
                    open.Remove(request);
                    Accepted(unit, $"{writer}/{request}");
                    return null;
                }

                if (!refusal.IsTransient && refusal.Code != RefusalCode.OutcomeUnknown)
                {
                    refusal.Code.ShouldBeOneOf(RefusalCode.Document, RefusalCode.SessionLost, RefusalCode.NotFound);
                    open.Remove(request);
                    return refusal;
                }
            }

            await Pause(20, 100);
        }
    }

    private void Accepted(TestUnit unit, string by)
    {
        foreach (var mutation in unit.Mutations)
        {
            if (mutation.Kind == MutationKind.Message)
                _messages.Add(mutation.ResultVersion).ShouldBeTrue($"two messages have the number {mutation.ResultVersion}");
            if (mutation.Kind != MutationKind.Delta)
                continue;
            NoteVersion(mutation.Key, mutation.ResultVersion, by);
            foreach (var operation in new DeltaReader(mutation.Payload.Span))
            {
                var at = (mutation.Key, operation.Path.First.ToSegment().Key!);
                _sums[at] = _sums.GetValueOrDefault(at) + operation.Amount.AsInt64();
            }
        }
    }

    private void NoteVersion(EntityKey key, long version, string by)
    {
        if (!_versions.TryGetValue(key, out var versions))
            _versions[key] = versions = [];
        if (!versions.TryAdd(version, by))
            throw new InvalidOperationException($"version {version} of {key} was made by {versions[version]} and by {by}");
    }

    /// <summary>A game server that opens the session of the one held entity again and again, writes under it, and ends it.</summary>
    private async Task ServerAsync(int writer)
    {
        var request = 0L;
        for (var round = 0; round < 3; round++)
        {
            var (session, messages) = await OpenAsync(writer, ++request);
            var open = new SortedSet<long>();
            for (var i = 0; i < 3; i++)
            {
                open.Add(++request);
                var write = Make.Add(_held, $"c{writer}", 1).Under(session);
                if (await SendAsync(writer, request, [i == 0 ? write.Processing(messages) : write], open) is not null)
                    break;
                foreach (var message in i == 0 ? messages : [])
                    _processed.Add(message).ShouldBeTrue($"message {message} was processed twice");
                await Pause(0, 200);
            }

            open.Add(++request);
            await SendAsync(writer, request, [Make.Add(_held, $"c{writer}", 1).Under(session), Make.EndSession(_held, session)], open);
        }
    }

    private async Task<(long Session, long[] Messages)> OpenAsync(int writer, long request)
    {
        while (true)
        {
            await _isUp.Task;
            var node = _node;
            var holder = node.Open(_held, writer, request);
            if (await AnyAsync(holder.Opened, node.Died) && holder.IsAnswered && holder.Session > 0)
            {
                if (holder.Opening.Created)
                    NoteVersion(_held, holder.Opening.Snapshot.Version, $"opening {writer}/{request}");
                return (holder.Session, [.. holder.Messages.Select(message => message.Id)]);
            }

            await Pause(20, 100);
        }
    }

    /// <summary>Watches one entity through everything that happens, coming back from the version that it has.</summary>
    private async Task WatchAsync(EntityKey key)
    {
        long version = 0;
        while (!_isOver)
        {
            await _isUp.Task;
            if (_isOver)
                return;
            var node = _node;
            var watcher = node.Watch(key);
            while (!_isOver && !node.Died.IsCompleted && ReferenceEquals(node, _node) && !watcher.IsLost && watcher.Refusal is null)
                await AnyAsync(node.Died, Pause(50, 50));
            if (watcher.Refusal is null && watcher.HasStarted)
            {
                watcher.Mirror.Version.ShouldBeGreaterThanOrEqualTo(version, "what was seen is durable");
                version = watcher.Mirror.Version;
            }

            await Pause(20, 60);
        }
    }

    private async Task CheckAsync()
    {
        _publisher.Failure = null;
        foreach (var former in world.Nodes.Where(former => !former.Crashes.IsDead))
            former.Crash();
        var node = await world.StartAsync(Options, _publisher);
        var bytes = new Dictionary<EntityKey, byte[]?>();
        foreach (var key in _keys.Append(_held))
        {
            var reading = node.Read(key);
            await reading.Answer;
            reading.Refusal.ShouldBeNull();
            bytes[key] = reading.Snapshot.Document;
            var made = _versions.GetValueOrDefault(key) ?? [];
            if (key == _held && made.Count == reading.Snapshot.Version - 1 && !made.ContainsKey(1))
                made.Add(1, "an opening whose answer was lost");
            made.Keys.ShouldBe(Enumerable.Range(1, (int)reading.Snapshot.Version).Select(version => (long)version), key.ToString());
            var document = reading.Snapshot.Document is null ? new Document() : Snapshots.Decode(reading.Snapshot.Document);
            foreach (var (at, sum) in _sums.Where(at => at.Key.Key == key))
                document.Root[at.Path].AsInt64().ShouldBe(sum, $"{key} {at.Path}");
            document.Root.Count.ShouldBe(_sums.Count(at => at.Key.Key == key));
            for (var version = 1; version <= reading.Snapshot.Version; version += 7)
                (await node.Json(key, version)).ShouldStartWith("{");
        }

        while (node.Engine.Snapshot().UnpublishedRecords > 0)
            await Pause(50, 50);
        foreach (var key in _keys.Append(_held))
            CheckPublished(key, _versions.GetValueOrDefault(key)?.Count ?? 0);
        var last = node.Open(_held, 99, policy: SessionConflictPolicy.Steal);
        await last.Opened;
        _processed.Concat(last.Messages.Select(message => message.Id)).Order().ShouldBe(_messages.Order());
        if (last.Opening.Created)
            bytes.Remove(_held);
        await node.StopAsync();
        node = await world.StartAsync(Options);
        foreach (var (key, document) in bytes)
        {
            var reading = node.Read(key);
            await reading.Answer;
            reading.Snapshot.Document.ShouldBe(document);
        }

        world.Database.DeadLetters(0, 10).ShouldBeEmpty();
        for (var shard = 0; shard < World.Shards; shard++)
            node.Engine.Snapshot().FailedShards.ShouldBeEmpty();
    }

    /// <summary>At least once and in order: who drops what is not newer than what came before sees every version.</summary>
    private void CheckPublished(EntityKey key, long versions)
    {
        long newest = 0;
        foreach (var version in _publisher.Versions(key).Where(version => version > newest))
        {
            version.ShouldBe(newest + 1, $"{key} was published with a gap");
            newest = version;
        }

        newest.ShouldBe(versions, $"of {key} not all was published");
    }

    /// <summary>Waits for one of several; each is awaited by itself, which keeps to the scheduler.</summary>
    private static async Task<bool> AnyAsync(params IEnumerable<Task> tasks)
    {
        await Task.WhenAny(tasks.Select(AwaitAsync));
        return true;

        static async Task AwaitAsync(Task task) => await task;
    }

    private Task Pause(int leastMs, int mostMs) => Task.Delay(TimeSpan.FromMilliseconds(world.Random.Next(leastMs, mostMs + 1)), world.Time);
}
