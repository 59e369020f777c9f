using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Tests;

/// <summary>P18: after any edits, removals and rollbacks, in processes that stop and crash, every version is listed and reads back as a model says.</summary>
public sealed class HistoryTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Every_version_is_listed_and_reads_back_as_it_was(int seed) => World.Run(
        async world =>
        {
            var options = World.Options with { SnapshotEvery = world.Random.Next(2, 30), UnloadAfter = TimeSpan.FromSeconds(3) };
            var node = await world.StartAsync(options);
            EntityKey[] keys = [World.KeyIn(0), World.KeyIn(0, 1), World.KeyIn(1, kind: "body")];
            var model = keys.ToDictionary(key => key, _ => new List<(string Text, long? Restored)>());
            for (var step = 0; step < 400; step++)
            {
                var key = keys[world.Random.Next(keys.Length)];
                await EditAsync(world, node, key, model[key]);
                if (world.Random.Next(8) == 0)
                    world.Pass(world.Random.NextDouble() * 6);
                if (world.Random.Next(40) != 0)
                    continue;
                if (world.Random.Next(2) == 0)
                    await node.StopAsync();
                else
                    node.Crash();
                node = await world.StartAsync(options);
            }

            foreach (var key in keys)
                await CheckAsync(world, node, key, model[key]);
        },
        seed);

    private static async Task EditAsync(World world, Node node, EntityKey key, List<(string Text, long? Restored)> versions)
    {
        var exists = versions is [.., { Text: not "none" }];
        var restored = versions.Count == 0 ? 0 : world.Random.Next(versions.Count) + 1;
        switch (world.Random.Next(10))
        {
            case 0 when exists:
                await node.Do(Make.Remove(key));
                versions.Add(("none", null));
                break;
            case 1 or 2 when restored > 0 && (exists || versions[restored - 1].Text != "none"):
                (await node.Do(Make.Restore(key, restored))).ShouldBe(versions.Count + 1);
                versions.Add((versions[restored - 1].Text, restored));
                break;
            case 3 when exists:
                await node.Do(Make.Message(key));
                break;
            default:
                await node.Do(Make.Set(key, $"p{world.Random.Next(4)}.q{world.Random.Next(3)}", world.Random.Next(100)));
                versions.Add((await node.Json(key), null));
                break;
        }
    }

    private static async Task CheckAsync(World world, Node node, EntityKey key, List<(string Text, long? Restored)> versions)
    {
        var isOldestFirst = world.Random.Next(2) == 0;
        var listed = await node.ListAll(new Listing { Key = key, IsOldestFirst = isOldestFirst, Limit = world.Random.Next(1, 60) });
        if (!isOldestFirst)
            listed.Reverse();
        listed.Select(version => version.Version).ShouldBe(Enumerable.Range(1, versions.Count).Select(version => (long)version));
        foreach (var version in listed)
        {
            var (text, restored) = versions[(int)version.Version - 1];
            (version.IsReadable, version.IsRemoval, version.RestoredVersion).ShouldBe((true, text == "none", restored));
            (await node.Json(key, version.Version)).ShouldBe(text);
        }
    }
}
