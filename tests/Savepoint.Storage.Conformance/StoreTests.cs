using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

/// <summary>What the tests of every concern share: an open store over a database of its own.</summary>
public abstract class StoreTests(ITestDatabase database) : IAsyncLifetime
{
    protected const int ShardCount = 8;

    protected static readonly EntityKey Alice = new("profile", "alice");
    protected static readonly EntityKey Bob = new("profile", "bob");
    protected static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    protected static readonly Guid DatabaseId = new("6f1a1c1e-33a1-4c55-9a31-0d6f52a1f001");

    private int _commits;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected IStore Store { get; private set; } = null!;

    protected ITestDatabase Database => database;

    public async ValueTask InitializeAsync()
    {
        await database.CreateAsync();
        Store = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected async Task<IStore> OpenAsync()
    {
        var store = database.NewStore();
        await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel);
        return store;
    }

    /// <summary>Closes the store and opens another over the same database.</summary>
    protected async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Store = await OpenAsync();
    }

    protected static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    protected JournalSegment Segment(int shard, long first, long last, int payloadBytes = 20, DateTimeOffset? at = null, long epoch = 1) =>
        new(shard, first, last, epoch, NextId(), at ?? Noon, Bytes(payloadBytes, seed: (int)first));

    /// <summary>Segments that go in together.</summary>
    internal static JournalSegment[] OfOneCommit(params IEnumerable<JournalSegment> segments)
    {
        JournalSegment[] all = [.. segments];
        return [.. all.Select(segment => segment with { CommitId = all[0].CommitId })];
    }

    protected async Task<JournalSegment> AppendAsync(int shard, long first, long last, int payloadBytes = 20, DateTimeOffset? at = null)
    {
        var segment = Segment(shard, first, last, payloadBytes, at);
        await Store.AppendAsync([segment], Cancel);
        return segment;
    }

    protected async Task<List<JournalSegment>> ReadAsync(int shard, long after = 0)
    {
        List<JournalSegment> segments = [];
        await foreach (var segment in Store.ReadAsync(shard, after, Cancel)) segments.Add(segment);
        return segments;
    }

    protected async Task<long[]> FirstSequencesAsync(int shard, long after = 0) =>
        [.. (await ReadAsync(shard, after)).Select(segment => segment.FirstSequence)];

    protected static StoredEntity Entity(EntityKey key, long sequence, int shard = 0, long? version = null, string? error = null) =>
        new(shard, key, version ?? sequence, sequence, Bytes(30, seed: (int)sequence), Bytes(5, seed: (int)sequence + 1), Noon, error);

    protected static StoredSnapshot Snapshot(EntityKey key, long version, DateTimeOffset? at = null) =>
        new(0, key, version, version + 100, Bytes(30, seed: (int)version), at ?? Noon);

    protected static CheckpointBatch Batch(params IReadOnlyList<StoredEntity> entities) => new(entities, [], []);

    protected static CheckpointBatch Batch(params IReadOnlyList<StoredSnapshot> snapshots) => new([], snapshots, []);

    protected static CheckpointBatch Batch(params IReadOnlyList<ShardState> states) => new([], [], states);

    protected async Task<StoredEntity?> ReadAsync(EntityKey key, int shard = 0) => await Store.ReadEntityAsync(shard, key, Cancel);

    private Guid NextId() => new(Interlocked.Increment(ref _commits), 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]);
}
