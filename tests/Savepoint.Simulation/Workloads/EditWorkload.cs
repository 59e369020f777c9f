using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>Edits of every kind, right and wrong; removals; readings and listings of old versions, and rollbacks to them.</summary>
internal sealed class EditWorkload() : BurstWorkload(mostAtOnce: 7)
{
    private const int Things = 12;

    private static readonly string[] Paths = ["name", "level", "stats.hp", "stats.mp", "bag", "bag[0]", "tags.a", "tags.b"];

    protected override async Task ActAsync(SimulationContext run, RawClient client)
    {
        var key = GameKinds.Thing(client.Random.Next(Things));
        switch (client.Random.Next(20))
        {
            case 0 or 1:
                await client.DoAsync($"remove {key}", Change.Remove(key));
                break;
            case 2 or 3:
                await ListAsync(client, key);
                break;
            case 4:
                await RollBackAsync(client, key);
                break;
            case 5 or 6 or 7:
                var newest = await client.ReadAsync(key);
                if (newest.Snapshot.Version > 0)
                    await client.ReadAsync(key, client.Random.NextInt64(Math.Max(1, newest.Snapshot.Version - 60), newest.Snapshot.Version + 1));
                break;
            default:
                var edit = Edit(client.Random, key);
                if (client.Random.Next(6) == 0)
                    edit = edit.At(client.Random.Next(40));
                await client.DoAsync($"edit {key}", edit);
                break;
        }
    }

    private static async Task ListAsync(RawClient client, EntityKey key)
    {
        var (isOldestFirst, limit, from) = (client.Random.Next(2) == 0, client.Random.Next(1, 12), client.Random.Next(3) == 0 ? client.Random.Next(60) : 0);
        VersionPosition? next = default(VersionPosition);
        for (var pages = client.Random.Next(1, 5); pages > 0 && next is { } position; pages--)
        {
            var listing = await client.ListAsync(key, (node, answer) => new RawListing(client.History, node, answer)
            {
                Key = key,
                IsOldestFirst = isOldestFirst,
                Limit = limit,
                FromVersion = from,
                Position = position,
            });
            next = listing.Page?.Next;
            if (listing.Page is { Versions: { Count: > 0 } listed })
                await client.ReadAsync(key, listed[client.Random.Next(listed.Count)].Version);
        }
    }

    private static async Task RollBackAsync(RawClient client, EntityKey key)
    {
        var newest = await client.ReadAsync(key);
        if (newest.Snapshot.Version == 0)
            return;
        var version = client.Random.NextInt64(Math.Max(1, newest.Snapshot.Version - 30), newest.Snapshot.Version + 2);
        var rollback = Change.Restore(key, version);
        await client.DoAsync($"rollback {key} to {version}", client.Random.Next(3) == 0 ? rollback.At(newest.Snapshot.Version) : rollback);
    }

    private static Mutation Edit(Random random, EntityKey key) => Change.Delta(key, delta =>
    {
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var path = Paths[random.Next(Paths.Length)];
            switch (random.Next(7))
            {
                case 0:
                    delta.Remove(path);
                    break;
                case 1:
                    delta.Increment(path, random.Next(-20, 20), min: -50, max: 50);
                    break;
                case 2:
                    delta.Insert("bag[0]", random.Next(1000));
                    break;
                case 3:
                    delta.Set("bag", new ListValue());
                    break;
                default:
                    delta.Set(path, random.Next(3) switch { 0 => random.Next(100), 1 => $"text {random.Next(10)}", _ => random.Next(2) == 0 });
                    break;
            }
        }
    });
}
