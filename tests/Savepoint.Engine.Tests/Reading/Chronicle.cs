using Savepoint.Engine.Sessions;

namespace Savepoint.Engine.Tests;

/// <summary>
/// Entities that change often and seldom, in processes that stop, crash, are taken over and have clocks that differ; and what each version held, to hold
/// the history against.
/// </summary>
internal sealed class Chronicle(EngineOptions options)
{
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(100);

    private readonly Dictionary<EntityKey, List<(string Text, TimeSpan At)>> _versions = [];
    private int _writer;

    public async Task RunAsync(World world)
    {
        EntityKey[] keys = [.. Enumerable.Range(0, 6).Select(number => World.KeyIn(number % 2, number))];
        foreach (var key in keys)
            _versions[key] = [];
        var node = await StartAsync(world);
        while (world.Time.Elapsed < Length)
        {
            if (world.Random.Next(25) == 0)
                node = await ReplaceAsync(world, node);

            // The first changes in half of the rounds, the last once in an hour.
            for (var i = 0; i < keys.Length; i++)
            {
                if (world.Random.NextDouble() < 0.5 / Math.Pow(3, i))
                    await ChangeAsync(world, node, keys[i]);
            }

            world.Pass(world.Random.Next(4) == 0 ? world.Random.Next(60) : world.Random.NextDouble());
            foreach (var key in keys)
                await CheckAsync(world, node, key);
        }
    }

    private async Task<Node> StartAsync(World world)
    {
        var node = world.NewNode(options);
        node.ClockError = TimeSpan.FromSeconds(world.Random.Next(-10, 11));
        await node.StartAsync();
        return node;
    }

    private async Task<Node> ReplaceAsync(World world, Node node)
    {
        var isOutOfService = world.Random.Next(4) == 0;
        if (world.Random.Next(2) == 0)
            await node.StopAsync();
        else if (isOutOfService || world.Random.Next(2) == 0)
            node.Crash();
        if (isOutOfService)
            world.Pass(world.Random.Next(1_500));
        return await StartAsync(world);
    }

    private async Task ChangeAsync(World world, Node node, EntityKey key)
    {
        var versions = _versions[key];
        var exists = versions is [.., { Text: not "none" }];
        switch (world.Random.Next(12))
        {
            case 0 when exists:
                await node.Do(Make.Remove(key));
                versions.Add(("none", world.Time.Elapsed));
                break;
            case 1 or 2 when exists:
                await node.Do(Make.Message(key));
                break;
            case 3 or 4 when exists:
                var holder = node.Open(key, ++_writer, policy: SessionConflictPolicy.Steal);
                await holder.Opened;
                (await node.Submit(Make.EndSession(key, holder.Session).By(_writer, 2)).Answer).ShouldBeNull();
                break;
            default:
                var next = versions.Count + 1;
                await node.Do(exists ? Make.Add(key, "n", 1) : Make.Set(key, "n", next));
                versions.Add(($$"""{"n":{{next}}}""", world.Time.Elapsed));
                break;
        }
    }

    private async Task CheckAsync(World world, Node node, EntityKey key)
    {
        var versions = _versions[key];
        if (versions.Count == 0)
            return;

        // A version holds until the next one takes its place.
        var oldest = versions.FindLastIndex(version => world.Time.Elapsed - version.At >= options.JournalRetention);
        oldest = Math.Max(oldest, 0);
        foreach (var index in new[] { oldest, world.Random.Next(oldest, versions.Count) })
            (await node.Json(key, index + 1)).ShouldBe(versions[index].Text, $"version {index + 1} of {versions.Count} of {key}");
    }
}
