using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;

namespace Savepoint.Server.Tests.Calls;

/// <summary>What callers of the server are told where the engine gives no answer in time.</summary>
public sealed class LateAnswerTests
{
    private static readonly Principal Admin = Principal.Admin("root");

    [Fact]
    public async Task A_change_has_an_unknown_outcome_and_what_was_read_can_come_again()
    {
        await using var world = await HeldWorld.StartAsync();
        var requests = new EngineRequests(world.Calls, new KindAuthorizer(world.Kinds), world.Kinds, world.Time);
        var change = requests.SubmitAsync(Admin, HeldWorld.Gift().Mutations, terms: null, CancellationToken.None);
        var read = requests.ReadAsync(Admin, HeldWorld.Alice, version: 0, CancellationToken.None);
        var list = requests.ListAsync(Admin, new AwaitedListing { Key = HeldWorld.Alice }, CancellationToken.None);
        world.BeLate();
        var unknown = (await change)!;
        (unknown.Code, unknown.OutcomeUnknown, unknown.Transient).ShouldBe((ErrorCodes.OutcomeUnknown, true, false));
        foreach (var late in new[] { (await read).Error!, (await list).Error! })
            (late.Code, late.OutcomeUnknown, late.Transient, late.RetryAfterMs).ShouldBe((ErrorCodes.LoadTimeout, false, true, 250u));
    }

    [Fact]
    public async Task A_session_that_is_to_end_may_end_and_its_thief_does_not_stay()
    {
        await using var world = await HeldWorld.StartAsync();
        var ending = new SessionEnding(world.Calls, new KindAuthorizer(world.Kinds), world.Kinds, world.Time).EndAsync(Admin, HeldWorld.Alice, terms: null);
        world.Engine.Disconnected.ShouldBeEmpty();
        world.BeLate();
        var unknown = (await ending)!;
        (unknown.Code, unknown.OutcomeUnknown, unknown.Transient).ShouldBe((ErrorCodes.OutcomeUnknown, true, false));
        world.Engine.Disconnected.ShouldHaveSingleItem().Name.ShouldBe(Admin.Actor);
    }

    [Fact]
    public async Task An_account_that_is_changed_has_an_unknown_outcome_and_one_that_is_read_can_come_again()
    {
        await using var world = await HeldWorld.StartAsync();
        var accounts = new AccountEngine(world.Calls);
        var change = accounts.SubmitAsync(HeldWorld.Gift(), CancellationToken.None);
        Task[] reads = [accounts.ReadAsync(HeldWorld.Alice, CancellationToken.None), accounts.ScanAsync(0, HeldWorld.Alice with { Id = "" }, CancellationToken.None)];
        var erased = accounts.IsErasedAsync(HeldWorld.Alice, version: 2, CancellationToken.None);
        world.BeLate();
        var unknown = (await Should.ThrowAsync<ProblemException>(change)).Error;
        (unknown.Code, unknown.OutcomeUnknown, unknown.Transient).ShouldBe((ErrorCodes.OutcomeUnknown, true, false));
        foreach (var read in reads)
        {
            var late = (await Should.ThrowAsync<ProblemException>(read)).Error;
            (late.Code, late.OutcomeUnknown, late.Transient, late.RetryAfterMs).ShouldBe((ErrorCodes.Overloaded, false, true, 250u));
        }

        (await erased).ShouldBeFalse();
    }
}
