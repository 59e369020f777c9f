using Savepoint.Client;
using Savepoint.FirstProfile;

// The server's address and secret, as it prints them at its start.
var endpoint = new Uri(args.Length > 0 ? args[0] : "ws://127.0.0.1:7350/stream");
var secret = Environment.GetEnvironmentVariable("SAVEPOINT_SECRET") ?? "";

// 1. Connect. One client serves a whole game server.
await using var client = await SavepointClient.ConnectAsync(new SavepointClientOptions
{
    Endpoint = endpoint,
    Credentials = new GameServerCredentials("tutorial", secret),
});
client.CriticalStateChanged += critical => Console.WriteLine(critical ? "Saves keep failing!" : "Saves succeed again.");

// 2. Open a session: from now on only this server writes the profile.
var profiles = client.Store<PlayerProfile>("profile");
var opened = await profiles.OpenSessionAsync("ada");
if (opened is not SessionOpenResult<PlayerProfile>.Acquired(var profile))
{
    Console.WriteLine($"Not now: {opened}");
    return;
}
profile.SessionEnded += ended => Console.WriteLine($"The session is over: {ended.Reason}.");
Console.WriteLine($"{profile.Data.Title} has {profile.Data.Gold} gold.");

// 3. Listen.
profile.Data.GoldChanged += change => Console.WriteLine($"Gold: {change.OldValue} -> {change.NewValue} ({change.Origin})");

// 4. Change. It shows at once and is saved within a second.
profile.Data.Title = "Adventurer";
profile.Data.LastSeen = DateTimeOffset.UtcNow;
profile.Data.Quests.Add("find the dragon");

// 5. What belongs together goes together, with a reason for the ledger.
profile.Change(
    data =>
    {
        data.Gold += 250;
        data.Combat.Kills += 1;
        data.Inventory.Increment("dragon scale", 3);
    },
    "quest:dragon");

// 6. A price is a bounded subtraction: nobody spends what is not there, however many try at once.
try
{
    profile.Change(
        data =>
        {
            data.AddGold(-300, min: 0);
            data.Inventory.Increment("sword", 1);
        },
        "shop:sword");
}
catch (SavepointException refused) when (refused.Code == "document.out_of_bounds")
{
    Console.WriteLine("Not enough gold.");
}

// 7. Wait until it is durable, where that matters.
Console.WriteLine($"Durable as version {await profile.SaveAsync()}.");

// 8. Grant what was paid for: once, however often the shop asks.
var purchase = await profile.PurchaseAsync("order-4711", data => data.Gold += 1000);
Console.WriteLine($"The purchase was {(purchase == PurchaseResult.Granted ? "granted" : "granted before")}.");

// 9. Trade: both or neither, whether or not the other is online.
await client.TransactAsync(
    trade => trade
        .Change("profile", "ada", delta => delta.Increment("gold", -50, min: 0))
        .Change("profile", "bob", delta => delta.Increment("gold", 50)),
    "trade:ada:bob");

// 10. Messages: handled once, with what their handler changes.
profile.MessageHandler = message => profile.Data.Gold += message.Body.Get("gold").AsInt64();

// 11. Leave: the last save, then the session is free for the next server.
await profile.EndSessionAsync();
