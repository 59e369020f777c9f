namespace Savepoint.Engine.Tests;

/// <summary>A change may ask for an entity that exists, at whatever version: so a misspelt id makes none, and a removed one does not come back.</summary>
public sealed class ExistingEntityTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void A_change_of_what_has_to_exist_makes_nothing() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Try(Existing(A)))!.Code.ShouldBe(RefusalCode.NotFound);
        (await node.Json(A)).ShouldBe("none");
        await node.Do(Make.Set(A, "n", 1));
        (await node.Do(Existing(A))).ShouldBe(2);
        (await node.Do(Existing(A))).ShouldBe(3, "whatever its version is");
        await node.Do(Make.Remove(A));
        var refusal = (await node.Try(Existing(A)))!;
        (refusal.Code, refusal.CurrentVersion).ShouldBe((RefusalCode.NotFound, 4));
    });

    [Fact]
    public void The_refusal_is_remembered_like_any() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var request = new TestUnit(Existing(A)).By(1, 1);
        (await node.Submit(request).Answer)!.Code.ShouldBe(RefusalCode.NotFound);
        await node.Do(Make.Set(A, "n", 1));
        node.Crash();
        node = await world.StartAsync();
        (await node.Submit(request.Again()).Answer)!.Code.ShouldBe(RefusalCode.NotFound);
    });

    [Fact]
    public void A_version_below_that_is_none() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Try(Make.Set(A, "n", 1).At(-2)))!.Code.ShouldBe(RefusalCode.InvalidRequest);
    });

    private static Mutation Existing(EntityKey key) => Make.Add(key, "n", 1).At(Mutation.AnyVersion);
}
