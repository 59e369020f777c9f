using System.Text.Json.Nodes;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Watching;
using Savepoint.Modules.DataRights.Bulk;
using Savepoint.Storage.Memory;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An engine in memory with a few kinds, and what it takes to fill and read it.</summary>
internal sealed class World : IAsyncDisposable
{
    private static readonly EngineOptions Options = new() { ShardCount = 8 };

    private readonly KindRegistry _kinds = new(
    [
        new Kind { Name = "profile" },
        new Kind { Name = "guild" },
        BulkKind.Kind,
        new Kind { Name = "character", Owner = static id => id.Split(':')[0] },
    ]);

    private World() => Engine = new StateEngine(new MemoryStore(Database), _kinds, Options, TimeProvider.System, new Random(1));

    public static Requester Admin { get; } = new("admin:root", "10.0.0.7", "ticket 7");

    public MemoryDatabase Database { get; } = new();

    public StateEngine Engine { get; }

    /// <summary>What the process does that is tested.</summary>
    public UserDataRights Rights => RightsOver(Engine);

    public static async Task<World> StartAsync()
    {
        var world = new World();
        await world.Engine.StartAsync(CancellationToken.None);
        return world;
    }

    public UserDataRights RightsOver(IStateEngine engine) => new(engine, _kinds, Options, TimeProvider.System);

    public BulkEdits Bulk(IStateEngine engine) => new(engine, _kinds, Options, TimeProvider.System);

    public async Task<long> Gold(EntityKey key) => Document.Decode((await Read(key)).Snapshot.Document).Root["gold"].AsInt64();

    public async Task Do(params Mutation[] mutations) => (await Try(mutations)).ShouldBeNull();

    public Task<Refusal?> Try(params Mutation[] mutations)
    {
        var unit = new Awaited { Mutations = mutations, Actor = "server:eu-1" };
        Engine.Submit(unit);
        return unit.Task;
    }

    public Task Set(EntityKey key, string path, Value value)
    {
        var delta = new DeltaWriter();
        delta.Set(path, value);
        return Do(new Mutation { Key = key, Kind = MutationKind.Delta, Payload = delta.ToArray() });
    }

    public async Task<(EntitySnapshot Snapshot, Refusal? Refusal)> Read(EntityKey key, long version = 0)
    {
        var reading = new Reading { Key = key, Version = version };
        Engine.Read(reading);
        await reading.Task;
        return (reading.Snapshot, reading.Refusal);
    }

    public async Task<bool> Exists(EntityKey key) => (await Read(key)).Snapshot.Document is not null;

    public async Task<IReadOnlyList<string>> Users(EntityKey key) =>
        (await Read(key)).Snapshot.Document is { } document ? UserTags.In(Document.Decode(document)) : [];

    public async Task<JsonObject> Export(string user)
    {
        using var output = new MemoryStream();
        await Rights.Export.WriteAsync(user, Admin, output, CancellationToken.None);
        return JsonNode.Parse(output.ToArray())!.AsObject();
    }

    public async Task<List<string>> Actions(string? user = null)
    {
        var actions = new List<string>();
        for (string? position = null; ;)
        {
            var page = await Rights.Audit.ReadAsync(new AuditQuery(user) { Limit = 2, Position = position }, CancellationToken.None);
            actions.AddRange(page.Entries.Select(entry => entry.Action));
            if ((position = page.Next) is null)
                return actions;
        }
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private sealed class Awaited : Unit
    {
        private readonly TaskCompletionSource<Refusal?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Refusal?> Task => _done.Task;

        protected override void Completed(Refusal? refusal) => _done.SetResult(refusal);
    }

    private sealed class Reading : EntityReading
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _done.Task;

        public EntitySnapshot Snapshot { get; private set; }

        public Refusal? Refusal { get; private set; }

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            (Snapshot, Refusal) = (snapshot, refusal);
            _done.SetResult();
        }
    }
}
