namespace Savepoint.Engine.Tests;

/// <summary>I1, I4, I5, I6 and I7 while shards go to and fro between two engines under load.</summary>
public sealed class ExchangeTests
{
    public static IEnumerable<TheoryDataRow<int>> Seeds => Enumerable.Range(1, 8).Select(seed => new TheoryDataRow<int>(seed));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Shards_that_are_handed_to_and_fro_lose_nothing_and_do_nothing_twice(int seed) =>
        World.Run(world => new Exchange(world).RunAsync(forceful: false), seed);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nor_do_shards_that_are_taken_without_asking_while_stores_fail(int seed) =>
        World.Run(world => new Exchange(world).RunAsync(forceful: true), seed);
}
