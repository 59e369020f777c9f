using Savepoint.Server.Tests.Calls;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>How the steps of an operation wait for the engine, and when they are tried again.</summary>
public sealed class EngineAccessTests
{
    private static readonly EntityKey Alice = new("profile", "alice");

    private readonly VirtualTime _time = new();

    [Fact]
    public async Task What_was_submitted_is_waited_for_until_its_outcome_whoever_has_gone()
    {
        await using var engine = NewEngine();
        await engine.StartAsync(TestContext.Current.CancellationToken);
        var held = new HeldEngine(engine);
        using var gone = new CancellationTokenSource();
        var mutations = Gift();
        var submitting = Access(held).SubmitAsync(new OperationWriter("admin:root", reason: null), mutations, gone.Token);
        await gone.CancelAsync();
        _time.Advance(TimeSpan.FromDays(1));
        submitting.IsCompleted.ShouldBeFalse();
        held.Release();
        (await submitting).ShouldBeNull();
        (mutations[0].ResultVersion, held.Numbers.Count).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_reading_ends_with_who_wants_it_and_not_with_time()
    {
        await using var engine = NewEngine();
        using var gone = new CancellationTokenSource();
        var access = Access(new HeldEngine(engine));
        Task[] readings =
        [
            access.ReadAsync(Alice, gone.Token),
            access.ScanAsync(0, Alice, limit: 1, withDocuments: false, withRemoved: false, gone.Token),
            access.VersionsAsync(Alice, default, gone.Token),
        ];
        _time.Advance(TimeSpan.FromDays(1));
        readings.ShouldAllBe(reading => !reading.IsCompleted);
        await gone.CancelAsync();
        foreach (var reading in readings)
            await Should.ThrowAsync<OperationCanceledException>(reading);
    }

    [Fact]
    public async Task What_is_refused_for_now_is_tried_six_times_under_one_number()
    {
        // Before its start it serves no shard.
        await using var engine = NewEngine();
        var counting = new HeldEngine(engine) { IsFree = true };
        var access = Access(counting);
        (await Should.ThrowAsync<RefusedException>(LateAsync(access.ReadAsync(Alice, CancellationToken.None)))).Refusal.IsTransient.ShouldBeTrue();
        counting.Readings.ShouldBe(6);
        var submitting = access.SubmitAsync(new OperationWriter("admin:root", reason: null), Gift(), CancellationToken.None);
        (await Should.ThrowAsync<RefusedException>(LateAsync(submitting))).Refusal.IsTransient.ShouldBeTrue();
        counting.Numbers.ShouldBe([1, 1, 1, 1, 1, 1]);
    }

    [Fact]
    public async Task What_was_refused_for_now_is_done_once_it_can_be()
    {
        await using var engine = NewEngine();
        var counting = new HeldEngine(engine) { IsFree = true };
        var mutations = Gift();
        var submitting = Access(counting).SubmitAsync(new OperationWriter("admin:root", reason: null), mutations, CancellationToken.None);
        await engine.StartAsync(TestContext.Current.CancellationToken);
        (await LateAsync(submitting)).ShouldBeNull();
        (mutations[0].ResultVersion, counting.Numbers.Count).ShouldBe((1, 2));
    }

    private static StateEngine NewEngine() => new(new MemoryStore(new MemoryDatabase()), Kinds, Options, TimeProvider.System, new Random(1));

    private static EngineOptions Options { get; } = new() { ShardCount = 1 };

    private static KindRegistry Kinds { get; } = new([new Kind { Name = "profile" }]);

    private EngineAccess Access(IStateEngine engine) => new(engine, Kinds, Options, _time);

    private static Mutation[] Gift()
    {
        var delta = new DeltaWriter();
        delta.Set("gold", 1);
        return [new Mutation { Key = Alice, Kind = MutationKind.Delta, Payload = delta.ToArray() }];
    }

    /// <summary>Moves the clock, which stands still otherwise, until something is over.</summary>
    private async Task<T> LateAsync<T>(Task<T> operation)
    {
        while (!operation.IsCompleted)
        {
            _time.TryAdvanceToNextTimer();
            await Task.Yield();
        }

        return await operation;
    }
}
