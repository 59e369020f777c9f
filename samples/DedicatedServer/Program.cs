using System.Globalization;
using System.Runtime.InteropServices;
using DedicatedServer;
using Savepoint.Client;

// Where Savepoint is, and its secret: ./run prints both.
var endpoint = new Uri(args.Length > 0 ? args[0] : "ws://127.0.0.1:7350/stream");
var name = args.Length > 1 ? args[1] : "dungeon-1";
var secret = Environment.GetEnvironmentVariable("SAVEPOINT_SECRET") ?? (await File.ReadAllTextAsync("data/dev/game-server-secret")).Trim();

await using var savepoint = await SavepointClient.ConnectAsync(new SavepointClientOptions { Endpoint = endpoint, Credentials = new GameServerCredentials(name, secret) });
savepoint.CriticalStateChanged += critical => Say(critical ? "saves keep failing: let nobody in" : "saves succeed again");
savepoint.HandlerFailed += failure => Say($"a handler failed: {failure.Message}");

var dungeon = new Dungeon(savepoint);
dungeon.Kicked += (player, reason) => Say($"{player} was kicked: {reason}");
dungeon.GiftArrived += (player, gold) => Say($"{player} got {gold} gold");

// SIGTERM and Ctrl+C end the game in good order; so does the end of the input.
using var stopping = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

Say($"{name} is open: join ada | leave ada | buy ada sword 80 | order ada 4711 1000 | gift ada bob 10 | trade ada bob sword 50 | who | quit");
try
{
    while (await Task.Run(Console.In.ReadLine).WaitAsync(stopping.Token) is { } line && line != "quit")
        await PlayAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
}

await dungeon.ShutdownAsync();
Say("all heroes are saved");

async Task PlayAsync(string[] command)
{
    try
    {
        Say(command switch
        {
            ["join", var player] => $"{player} joined: {Show(await dungeon.JoinAsync(player, stopping.Token))}",
            ["leave", var player] => await LeaveAsync(player),
            ["buy", var player, var item, var price] => await dungeon.SellAsync(player, item, Number(price)) ? $"{player} bought a {item}" : $"{player} can't pay {price}",
            ["order", var player, var order, var gold] => $"order {order}: {await dungeon.DeliverAsync(player, order, Number(gold))}",
            ["gift", var from, var to, var gold] => await DoneAsync(dungeon.GiftAsync(from, to, Number(gold)), $"{from} gave {to} {gold} gold"),
            ["trade", var seller, var buyer, var item, var price] => await DoneAsync(dungeon.TradeAsync(seller, buyer, item, Number(price)), $"{buyer} has the {item}"),
            ["who"] => string.Join(", ", dungeon.Players.Select(player => $"{player}: {Show(dungeon.HeroOf(player))}")),
            _ => "what?",
        });
    }
    catch (Exception failure) when (failure is SavepointException or InvalidOperationException or ArgumentOutOfRangeException or FormatException)
    {
        Say($"no: {failure.Message}");
    }
}

async Task<string> LeaveAsync(string player)
{
    await dungeon.LeaveAsync(player);
    return $"{player} left";
}

static async Task<string> DoneAsync(Task task, string what)
{
    await task;
    return what;
}

static string Show(Hero hero) =>
    $"{hero.Gold} gold, visit {hero.Visits}{string.Concat(hero.Items.Select(item => $", {item.Value} {item.Key}"))}";

static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

static void Say(string what) => Console.WriteLine(what);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stopping.Cancel();
}
