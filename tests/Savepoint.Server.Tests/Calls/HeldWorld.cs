using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Server.Tests.Calls;

/// <summary>An engine in memory, one before it that takes up nothing until it is let, and the clock of those who wait.</summary>
internal sealed class HeldWorld : IAsyncDisposable
{
    public static readonly EntityKey Alice = new("profile", "alice");

    private readonly StateEngine _inner;

    private HeldWorld()
    {
        _inner = new StateEngine(new MemoryStore(new MemoryDatabase()), Kinds, new EngineOptions { ShardCount = 1 }, TimeProvider.System, new Random(1));
        Engine = new HeldEngine(_inner);
        Calls = new EngineCalls(Engine, Time);
    }

    public KindRegistry Kinds { get; } = new([new Kind { Name = "profile" }]);

    public VirtualTime Time { get; } = new();

    public HeldEngine Engine { get; }

    public EngineCalls Calls { get; }

    public static async Task<HeldWorld> StartAsync()
    {
        var world = new HeldWorld();
        await world._inner.StartAsync(TestContext.Current.CancellationToken);
        return world;
    }

    /// <summary>A unit that gives Alice gold.</summary>
    public static AwaitedUnit Gift()
    {
        var delta = new DeltaWriter();
        delta.Set("gold", 1);
        return new AwaitedUnit { Actor = "server:eu-1", Mutations = [new Mutation { Key = Alice, Kind = MutationKind.Delta, Payload = delta.ToArray() }] };
    }

    /// <summary>Lets the time of all who wait go by; nobody waits any more then.</summary>
    public void BeLate()
    {
        Time.Advance(EngineCalls.DefaultAnswerWithin + TimeSpan.FromSeconds(1));
        Time.NextTimer.ShouldBeNull();
    }

    /// <summary>The version at which Alice is.</summary>
    public async Task<long> VersionAsync()
    {
        var reading = Calls.ReadAsync(new AwaitedReading { Key = Alice }, CancellationToken.None);
        Engine.Release();
        return (await reading).Snapshot.Version;
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
