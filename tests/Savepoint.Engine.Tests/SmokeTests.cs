namespace Savepoint.Engine.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void A_change_is_committed_and_read_back_also_after_a_restart() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        (await node.Do(Make.Set(World.Thing("a"), "name", "x"))).ShouldBe(1);
        (await node.Json(World.Thing("a"))).ShouldBe("""{"name":"x"}""");
        await node.StopAsync();
        var next = await world.StartAsync();
        (await next.Json(World.Thing("a"))).ShouldBe("""{"name":"x"}""");
    });
}
