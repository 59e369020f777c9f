namespace Savepoint.Engine.Tests;

/// <summary>I3, I4 and I8 of units over nodes, in random interleavings.</summary>
public sealed class MarketTests
{
    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable.Range(1, 10).Select(seed => new TheoryDataRow<int>(seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Trades_over_nodes_lose_and_make_nothing(int seed) => World.Run(async world =>
    {
        var market = new Market(world);
        await market.RunAsync(hasTrouble: false);
        market.Traded.ShouldBeGreaterThan(20);
    }, seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nor_do_they_while_everything_fails(int seed) => World.Run(world => new Market(world).RunAsync(hasTrouble: true), seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nor_do_they_over_two_databases_that_fail_each_by_itself(int seed) => World.Run(world =>
    {
        world.UseTwoDatabases();
        return new Market(world).RunAsync(hasTrouble: true);
    }, seed);
}
