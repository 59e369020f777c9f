using System.Globalization;
using Savepoint.Demo;

return args switch
{
    ["game-server", var name, var endpoint, var players] => await GameServer.RunAsync(
        new Uri(endpoint), name, Environment.GetEnvironmentVariable("SAVEPOINT_SECRET") ?? "", int.Parse(players, CultureInfo.InvariantCulture)),
    [] => await new Director(players: 200, half: TimeSpan.FromSeconds(6)).RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("savepoint-demo takes no arguments.");
    return 2;
}
