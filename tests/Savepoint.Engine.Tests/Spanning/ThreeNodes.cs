namespace Savepoint.Engine.Tests;

/// <summary>What units over several nodes are tested with: three nodes, and an entity in each of four shards.</summary>
internal static class ThreeNodes
{
    public static EntityKey A { get; } = World.KeyIn(0);

    public static EntityKey B { get; } = World.KeyIn(1);

    public static EntityKey C { get; } = World.KeyIn(2);

    public static EntityKey D { get; } = World.KeyIn(3);

    /// <summary>The first node owns shards 0 and 3, the others one each.</summary>
    public static void Run(Func<World, Node, Node, Node, Task> story) => Run([0, 3], story);

    /// <summary>The first node owns the given shards, the second shard 1, and the third shard 2.</summary>
    public static void Run(int[] first, Func<World, Node, Node, Node, Task> story) => World.Run(async world =>
    {
        world.Links.AreOpen = true;
        await story(world, await world.JoinAsync(first), await world.JoinAsync([1]), await world.JoinAsync([2]));
    });
}
