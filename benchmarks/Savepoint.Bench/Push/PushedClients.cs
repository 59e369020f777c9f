using System.Text.Json;

namespace Savepoint.Bench.Push;

/// <summary>
/// The connections of <c>push</c>, in a process of their own. It connects them all and says <c>connected</c>; on <c>count</c> it begins to count; on <c>end</c> and a
/// file of the versions that each should have, it waits for those, writes the times of all changes to a second file, and says how it went.
/// </summary>
internal static class PushedClients
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(Uri endpoint, int connections, string? tokens)
    {
        var clients = await MakeAsync(endpoint, connections, tokens);
        await Parallel.ForEachAsync(clients, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (client, _) => await client.ConnectAsync());
        Console.WriteLine(Failure(clients) ?? "connected");

        var (cpu, received) = (Environment.CpuUsage.TotalTime, 0L);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == "count")
            {
                (cpu, received) = (Environment.CpuUsage.TotalTime, clients.Sum(client => client.Received));
                Console.WriteLine("counts");
                continue;
            }

            var files = line.Split('\t');
            cpu = Environment.CpuUsage.TotalTime - cpu;
            await WaitAsync(clients, File.ReadAllLines(files[0]).Select(long.Parse).ToArray());
            Write(clients, files[1]);
            Console.WriteLine(JsonSerializer.Serialize(new PushedResult(
                clients.Sum(client => client.Received) - received, cpu.TotalSeconds, clients.OfType<PlayerClient>().Sum(client => client.Checksums), Failure(clients))));
            break;
        }

        return 0;
    }

    /// <summary>Reads the times that the other process has written: for each connection, of each change.</summary>
    public static List<(long Sent, long Came)[]> Read(string file)
    {
        using var reader = new BinaryReader(File.OpenRead(file));
        var clients = new List<(long Sent, long Came)[]>();
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var changes = new (long Sent, long Came)[reader.ReadInt32()];
            for (var i = 0; i < changes.Length; i++)
                changes[i] = (reader.ReadInt64(), reader.ReadInt64());
            clients.Add(changes);
        }

        return clients;
    }

    private static async Task<IPushedClient[]> MakeAsync(Uri endpoint, int connections, string? tokens)
    {
        if (tokens is null)
            return [.. Enumerable.Range(0, connections).Select(i => new BareClient(new Uri(endpoint, $"/{i}")))];
        var lines = await File.ReadAllLinesAsync(tokens);
        return [.. lines.Select((token, i) => new PlayerClient(endpoint, Accounts.Id(i), token))];
    }

    private static async Task WaitAsync(IPushedClient[] clients, long[] versions)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience && clients.Where((client, i) => client.Version < versions[i]).Any())
            await Task.Delay(20);
        for (var i = 0; i < clients.Length; i++)
        {
            if (clients[i].Version != versions[i])
                throw new InvalidOperationException($"Connection {i} is at version {clients[i].Version}, and should be at {versions[i]}. {clients[i].Failure}");
        }
    }

    private static void Write(IPushedClient[] clients, string file)
    {
        using var writer = new BinaryWriter(File.Create(file));
        foreach (var client in clients)
        {
            writer.Write(client.Changes.Count);
            foreach (var (sent, came) in client.Changes)
            {
                writer.Write(sent);
                writer.Write(came);
            }
        }
    }

    private static string? Failure(IPushedClient[] clients) => Array.Find(clients, client => client.Failure is not null)?.Failure;
}

/// <summary>How it went at the connections.</summary>
/// <param name="Bytes">What came while it was counted, frame headers included.</param>
/// <param name="CpuSeconds">The processor time that they took meanwhile.</param>
/// <param name="Checksums">How many versions were compared with the server's checksum.</param>
/// <param name="Failure">What was not as it should be.</param>
internal sealed record PushedResult(long Bytes, double CpuSeconds, int Checksums, string? Failure);
