using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>Edits of every kind, right and wrong; removals; and readings of old versions.</summary>
internal sealed class EditWorkload() : BurstWorkload(mostAtOnce: 7)
{
    private const int Things = 12;

    private static readonly string[] Paths = ["name", "level", "stats.hp", "stats.mp", "bag", "bag[0]", "tags.a", "tags.b"];

    protected override async Task ActAsync(RawClient client)
    {
        var key = GameKinds.Thing(client.Random.Next(Things));
        switch (client.Random.Next(10))
        {
            case 0:
                await client.DoAsync($"remove {key}", Change.Remove(key));
                break;
            case 1 or 2:
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
