using Savepoint.Engine.Databases;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Relay;
using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>A process with an engine: it can crash, which leaves nothing but what is in the database.</summary>
internal sealed class Node
{
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MortalTime _time;

    public Node(World world, EngineOptions options, IPublisher? publisher, KindRegistry kinds)
    {
        World = world;
        world.Nodes.Add(this);
        _time = new MortalTime(world.Time);
        Crashes = new CrashPoints(Faults, Die);
        SecondCrashes = new CrashPoints(SecondFaults, Die);
        var databases = world.Layout.Select((database, i) =>
            new ShardDatabase(database.Shards, new FaultyStore(new MemoryStore(database.Data), i == 0 ? Crashes : SecondCrashes)));
        Engine = new StateEngine(new ShardDatabases(databases, options.ShardCount), kinds, options, _time, new Random(world.Random.Next()), publisher, world.Links.From(this))
        {
            HoldersEndWithProcess = world.HoldersEndWithProcess,
        };

        void Die()
        {
            _time.IsDead = true;
            Crash();
            _died.TrySetResult();
        }
    }

    public World World { get; }

    public StateEngine Engine { get; }

    /// <summary>Of its database; of two, of the first.</summary>
    public StoreFaults Faults { get; } = new();

    public StoreFaults SecondFaults { get; } = new();

    public CrashPoints Crashes { get; }

    public CrashPoints SecondCrashes { get; }

    /// <summary>How far its time of day is ahead.</summary>
    public TimeSpan ClockError
    {
        get => _time.Error;
        set => _time.Error = value;
    }

    /// <summary>A timestamp of its clock.</summary>
    public long Now => _time.GetTimestamp();

    /// <summary>Lets the process sleep: its clock goes on, and nothing that it would have done meanwhile is done.</summary>
    public void Sleep(double seconds) => _time.Slept += TimeSpan.FromSeconds(seconds);

    /// <summary>Completes when the process has crashed.</summary>
    public Task Died => _died.Task;

    public Task StartAsync() => Engine.StartAsync(CancellationToken.None);

    /// <summary>Takes shards over, and has to succeed.</summary>
    public async Task Take(params int[] shards)
    {
        foreach (var taken in await TryTake(shards))
        {
            (taken.Outcome, taken.Reason).ShouldBe((TakeOutcome.Served, null));
            World.Links.Owners[taken.Shard] = this;
        }
    }

    public Task<IReadOnlyList<TakenShard>> TryTake(params int[] shards) => Engine.TakeShardsAsync(shards, CancellationToken.None);

    public Task<IReadOnlyList<ReleasedShard>> Release(params int[] shards) => Engine.ReleaseShardsAsync(shards, CancellationToken.None);

    public Task StopAsync() => Engine.StopAsync(CancellationToken.None);

    /// <summary>Ends the process without a word.</summary>
    public void Crash()
    {
        Crashes.Die();
        SecondCrashes.Die();
    }

    public TestUnit Submit(TestUnit request)
    {
        Engine.Submit(request);
        return request;
    }

    public TestUnit Submit(params Mutation[] mutations) => Submit(new TestUnit(mutations));

    /// <summary>Submits and waits for the answer.</summary>
    public Task<Refusal?> Try(params Mutation[] mutations) => Submit(mutations).Answer;

    /// <summary>Submits what has to be accepted.</summary>
    /// <returns>The version that the first mutation made.</returns>
    public async Task<long> Do(params Mutation[] mutations)
    {
        var request = Submit(mutations);
        (await request.Answer).ShouldBeNull();
        return request.Version;
    }

    public async Task<RefusalCode> Code(params Mutation[] mutations) => (await Try(mutations))?.Code ?? RefusalCode.None;

    public Reading Read(EntityKey key, long version = 0)
    {
        var reading = new Reading { Key = key, Version = version };
        Engine.Read(reading);
        return reading;
    }

    /// <summary>What a reading says, in short: the JSON of the document, <c>none</c>, or the code of the refusal.</summary>
    public async Task<string> Json(EntityKey key, long version = 0)
    {
        var reading = Read(key, version);
        await reading.Answer;
        return reading.Text;
    }

    public Listing List(Listing listing)
    {
        Engine.Read(listing);
        return listing;
    }

    /// <summary>All versions that are listed, page by page.</summary>
    public async Task<List<VersionInfo>> ListAll(Listing first)
    {
        var all = new List<VersionInfo>();
        for (VersionPosition? at = first.Position; at is { } position;)
        {
            var listing = List(new Listing
            {
                Key = first.Key,
                FromVersion = first.FromVersion,
                ToVersion = first.ToVersion,
                From = first.From,
                Until = first.Until,
                IsOldestFirst = first.IsOldestFirst,
                Limit = first.Limit,
                Position = position,
            });
            var page = await listing.Page;
            listing.Refusal.ShouldBeNull();
            page!.Versions.Count.ShouldBeLessThanOrEqualTo(first.Limit);
            all.AddRange(page.Versions);
            at = page.Next;
        }

        return all;
    }

    public Scan BeginScan(Scan scan)
    {
        Engine.Read(scan);
        return scan;
    }

    /// <summary>All entities of a kind in a shard, page by page, with the JSON of their documents where it is asked for.</summary>
    public async Task<List<(string Id, string Json)>> Scan(
        int shard, string kind = "thing", int limit = 100, bool documents = false, bool removed = false, Func<Task>? between = null)
    {
        var all = new List<(string Id, string Json)>();
        for (var after = ""; after is not null;)
        {
            var scan = BeginScan(new Scan { Key = new EntityKey(kind, after), Shard = shard, Limit = limit, WithDocuments = documents, WithRemoved = removed });
            var page = await scan.Page;
            scan.Refusal.ShouldBeNull();
            page!.Entities.Count.ShouldBeLessThanOrEqualTo(limit);
            all.AddRange(page.Entities.Select(entity => (entity.Key.Id, entity.Document is { } bytes ? DocumentJson.ToText(Snapshots.Decode(bytes.ToArray())) : "")));
            after = page.Next;
            if (between is not null)
                await between();
        }

        return all;
    }

    public Onlooker Watch(EntityKey key, long from = 0)
    {
        var watcher = new Onlooker { Key = key, FromVersion = from };
        Engine.Watch(watcher);
        return watcher;
    }

    public Holder Open(
        EntityKey key, int writer, long request = 1, SessionConflictPolicy policy = SessionConflictPolicy.Wait, long resume = 0, long from = 0, double wait = 120,
        string template = "", long received = 0)
    {
        var holder = new Holder
        {
            Key = key,
            Name = $"server-{writer}",
            Writer = World.Writer(writer),
            Request = request,
            ReceivedThrough = received,
            Policy = policy,
            Resume = resume,
            FromVersion = from,
            WaitTimeout = TimeSpan.FromSeconds(wait),
            Template = template.Length == 0 ? default : DocumentJson.Parse(template).ToBytes(),
        };
        Engine.OpenSession(holder);
        return holder;
    }

    /// <summary>Passes time until everything is checkpointed.</summary>
    public void Checkpoint() => World.Pass(2.5);

    /// <summary>A clock whose timers stop with the process.</summary>
    private sealed class MortalTime(TimeProvider inner) : TimeProvider
    {
        public bool IsDead { get; set; }

        public TimeSpan Error { get; set; }

        public TimeSpan Slept { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Error;

        public override long GetTimestamp() => inner.GetTimestamp() + (long)(Slept.TotalSeconds * TimestampFrequency);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(
                s =>
                {
                    if (!IsDead)
                        callback(s);
                },
                state,
                dueTime,
                period);
    }
}

/// <summary>Lets a process die at a store call: nothing that it does afterwards reaches the database, and no answer comes back.</summary>
internal sealed class CrashPoints(StoreFaults orders, Action onDeath) : IStoreFaults
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    public bool IsDead { get; private set; }

    /// <summary>Points passed: each write has one before and one after its effect.</summary>
    public int Passed { get; private set; }

    /// <summary>The point to die at; null to live.</summary>
    public int? DieAt { get; set; }

    public List<CheckpointBatch> Checkpoints { get; } = [];

    public int Appends { get; private set; }

    /// <summary>How often a segment of the journal was read.</summary>
    public int JournalReads { get; private set; }

    public void Die()
    {
        if (IsDead)
            return;
        IsDead = true;
        onDeath();
    }

    public async ValueTask BeforeAsync(StoreCall call, CancellationToken cancellationToken)
    {
        if (call.IsWrite)
            await PassAsync();
        else if (IsDead)
            await Never;
        await ((IStoreFaults)orders).BeforeAsync(call, cancellationToken);
        if (IsDead)
            await Never;
        if (call.Checkpoint is { } checkpoint)
            Checkpoints.Add(checkpoint);
        if (call.Operation == StoreOperation.Append)
            Appends++;
        if (call.Operation == StoreOperation.ReadJournal)
            JournalReads++;
    }

    public async ValueTask AfterCommitAsync(StoreCall call)
    {
        await PassAsync();
        await ((IStoreFaults)orders).AfterCommitAsync(call);
        if (IsDead)
            await Never;
    }

    private async ValueTask PassAsync()
    {
        if (Passed++ == DieAt)
            Die();
        if (IsDead)
            await Never;
    }
}
