using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;

namespace Savepoint.Server.Tests.Calls;

/// <summary>What those who await the engine hear, whatever it does.</summary>
public sealed class EngineCallsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, Func<EngineCalls, CancellationToken, Task>> Each = new(StringComparer.Ordinal)
    {
        ["submit"] = static (calls, token) => calls.SubmitAsync(HeldWorld.Gift(), token).AsTask(),
        ["read"] = static (calls, token) => calls.ReadAsync(new AwaitedReading { Key = HeldWorld.Alice }, token).AsTask(),
        ["list"] = static (calls, token) => calls.ListAsync(new AwaitedListing { Key = HeldWorld.Alice }, token).AsTask(),
        ["scan"] = static (calls, token) => calls.ScanAsync(new AwaitedScan { Shard = 0, Key = HeldWorld.Alice with { Id = "" } }, token).AsTask(),
        ["open"] = static (calls, token) => calls.OpenSessionAsync(Session(), token).AsTask(),
    };

    public static TheoryData<string> Names() => [.. Each.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_an_answer_in_time_a_call_ends_as_late(string call)
    {
        await using var world = await HeldWorld.StartAsync();
        var waiting = Each[call](world.Calls, TestContext.Current.CancellationToken);
        world.BeLate();
        await Should.ThrowAsync<TimeoutException>(waiting);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_answer_shortly_before_the_bound_is_in_time(string call)
    {
        await using var world = await HeldWorld.StartAsync();
        var waiting = Each[call](world.Calls, TestContext.Current.CancellationToken);
        world.Time.Advance(EngineCalls.DefaultAnswerWithin - Second);
        world.Engine.Release();
        await waiting;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-2)]
    public void A_bound_that_all_answers_would_be_behind_is_refused(int milliseconds) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new EngineCalls(null!, TimeProvider.System) { AnswerWithin = TimeSpan.FromMilliseconds(milliseconds) });

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_call_that_is_not_wanted_any_more_ends_at_once(string call)
    {
        await using var world = await HeldWorld.StartAsync();
        using var gone = new CancellationTokenSource();
        var waiting = Each[call](world.Calls, gone.Token);
        waiting.IsCompleted.ShouldBeFalse();
        await gone.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(waiting)).CancellationToken.ShouldBe(gone.Token);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Without_a_bound_a_call_waits_for_as_long_as_it_takes(string call)
    {
        await using var world = await HeldWorld.StartAsync();
        var waiting = Each[call](new EngineCalls(world.Engine, world.Time) { AnswerWithin = Timeout.InfiniteTimeSpan }, TestContext.Current.CancellationToken);
        world.Time.Advance(TimeSpan.FromDays(365));
        waiting.IsCompleted.ShouldBeFalse();
        world.Engine.Release();
        await waiting;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void No_call_has_less_than_no_time(int seconds) => Should.Throw<ArgumentOutOfRangeException>(
        () => new EngineCalls(null!, TimeProvider.System) { AnswerWithin = TimeSpan.FromSeconds(seconds) });

    [Fact]
    public async Task Another_bound_than_the_usual_is_kept()
    {
        await using var world = await HeldWorld.StartAsync();
        var waiting = world.Calls.SubmitAsync(HeldWorld.Gift(), CancellationToken.None).AsTask();
        var hasty = new EngineCalls(world.Engine, world.Time) { AnswerWithin = Second / 2 }.SubmitAsync(HeldWorld.Gift(), CancellationToken.None).AsTask();
        world.Time.Advance(Second);
        await Should.ThrowAsync<TimeoutException>(hasty);
        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_late_may_have_taken_effect()
    {
        await using var world = await HeldWorld.StartAsync();
        var waiting = world.Calls.SubmitAsync(HeldWorld.Gift(), CancellationToken.None).AsTask();
        world.BeLate();
        await Should.ThrowAsync<TimeoutException>(waiting);
        world.Engine.Release();
        (await world.VersionAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_answered_is_told_with_its_results()
    {
        await using var world = await HeldWorld.StartAsync();
        var gift = HeldWorld.Gift();
        var submitting = world.Calls.SubmitAsync(gift, CancellationToken.None);
        var listing = world.Calls.ListAsync(new AwaitedListing { Key = HeldWorld.Alice }, CancellationToken.None);
        var scanning = world.Calls.ScanAsync(new AwaitedScan { Shard = 0, Key = HeldWorld.Alice with { Id = "" }, Limit = EntityScan.MaxLimit + 1 }, CancellationToken.None);
        world.Engine.Release();
        ((await submitting)?.Code, gift.Mutations[0].ResultVersion).ShouldBe((null, 1));
        (await listing).Page!.Versions.Select(version => version.Version).ShouldBe([1]);
        var (page, refusal) = await scanning;
        (page, refusal!.Code).ShouldBe((null, RefusalCode.InvalidRequest));
    }

    [Fact]
    public async Task The_time_of_a_unit_that_was_posted_counts_from_then()
    {
        await using var world = await HeldWorld.StartAsync();
        var (late, timely) = (HeldWorld.Gift(), HeldWorld.Gift());
        world.Calls.Post(timely);
        world.Engine.Release();
        (await world.VersionAsync()).ShouldBe(1);
        world.Calls.Post(late);
        world.BeLate();
        await Should.ThrowAsync<TimeoutException>(async () => await late.OutcomeAsync(CancellationToken.None));
        (await timely.OutcomeAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_request_is_made_once()
    {
        await using var world = await HeldWorld.StartAsync();
        var gift = HeldWorld.Gift();
        await Should.ThrowAsync<InvalidOperationException>(async () => await gift.OutcomeAsync(CancellationToken.None));
        world.Calls.Post(gift);
        Should.Throw<InvalidOperationException>(() => world.Calls.Post(gift));
        (await world.VersionAsync()).ShouldBe(1);
    }

    private static BriefSession Session() => new() { Key = HeldWorld.Alice, Name = "admin:root", Writer = Guid.NewGuid(), Request = 1 };
}
