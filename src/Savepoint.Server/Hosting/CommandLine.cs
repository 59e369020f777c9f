namespace Savepoint.Server.Hosting;

/// <summary>Turns the short switches into settings; <c>--Savepoint:Name=value</c> sets any other.</summary>
internal static class CommandLine
{
    public const string Usage = """
        savepoint-server [--dev] [--data <folder>] [--listen <url>] [--store sqlite|postgres|memory]
                         [--cluster | --gateway] [--node <name>] [--Savepoint:<setting>=<value> …]

          --dev      makes up a game server secret and a signing key, and gives out players' tokens on this machine
          --data     the folder of the database (default: data)
          --listen   the address to listen on (default: http://127.0.0.1:7350)
          --store    postgres takes its address from Savepoint:Postgres:ConnectionString; memory keeps nothing when the process ends
          --cluster  is a node of a cluster: shares the shards of its PostgreSQL database with the other nodes
          --gateway  is a node that owns no shards: it serves clients and sends what they ask for on to the owners
          --node     the node's name; no other node of the cluster has it
        """;

    private static readonly Dictionary<string, string> Switches = new(StringComparer.Ordinal)
    {
        ["--data"] = "DataPath",
        ["--listen"] = "Listen",
        ["--store"] = "Store",
        ["--node"] = "Node",
    };

    private static readonly Dictionary<string, string[]> Flags = new(StringComparer.Ordinal)
    {
        ["--dev"] = ["Dev=true"],
        ["--cluster"] = ["Cluster:Enabled=true"],
        ["--gateway"] = ["Cluster:Enabled=true", "Cluster:Role=Gateway"],
    };

    /// <exception cref="FormatException">An argument is unknown or incomplete.</exception>
    public static string[] ToSettings(string[] args)
    {
        var settings = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            if (Flags.TryGetValue(args[i], out var flags))
                settings.AddRange(flags.Select(flag => $"--Savepoint:{flag}"));
            else if (Switches.TryGetValue(args[i], out var name))
                settings.Add($"--Savepoint:{name}={(++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value."))}");
            else if (args[i].StartsWith("--", StringComparison.Ordinal) && args[i].Contains('='))
                settings.Add(args[i]);
            else
                throw new FormatException($"'{args[i]}' is no argument of savepoint-server.");
        }

        return [.. settings];
    }
}
