using Savepoint.Client;
using Savepoint.Embedded;
using Savepoint.EmbeddedGame;

// A game server with its state in its own process: no server, no network. Ten heroes fight until a line with "stop" comes, or the process is killed.
// It prints what is on disk, and only that: "hero-3 17 170" is version 17, with 170 gold.
const int heroes = 10;
var folder = args.Length > 0 ? args[0] : "data";

await using var savepoint = await EmbeddedSavepoint.StartAsync(new EmbeddedOptions { DataPath = folder });
await using var client = await savepoint.ConnectAsync("dungeon");
using var stopping = new CancellationTokenSource();

var fights = Enumerable.Range(0, heroes).Select(number => FightAsync($"hero-{number}")).ToArray();
while (await Console.In.ReadLineAsync() is { } line && line != "stop")
{
}

await stopping.CancelAsync();
await Task.WhenAll(fights);

async Task FightAsync(string name)
{
    var hero = (await client.Store<Hero>("profile").OpenSessionAsync(name)).ProfileOrThrow();
    while (!stopping.IsCancellationRequested)
    {
        hero.Change(
            data =>
            {
                data.Gold += 10;
                data.Items.Increment("fang", 1);
            },
            "fight");
        var gold = hero.Data.Gold;
        var version = await hero.SaveAsync();
        Console.WriteLine($"{name} {version} {gold}");
    }

    // Not saved here: the end of the process in good order does it.
    hero.Data.Items["rest"] = 1;
}
