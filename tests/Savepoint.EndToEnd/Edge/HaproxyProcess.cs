using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Savepoint.EndToEnd.Edge;

/// <summary>HAProxy with the file of the repository, on ports of the loopback interface.</summary>
internal sealed class HaproxyProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Uri _stats;

    private HaproxyProcess(Process process, Uri address, Uri stats) => (_process, Address, _stats) = (process, address, stats);

    public Uri Address { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts it, and waits until it knows that all nodes serve.</summary>
    public static async Task<HaproxyProcess> StartAsync(params Uri[] nodes)
    {
        var (address, stats) = (FreeAddress(), FreeAddress());
        var proxy = new HaproxyProcess(Process.Start(Command(address, stats, nodes, "-db"))!, address, stats);
        while ((await proxy.ServersAsync()).Count(server => server.IsUp) < nodes.Length)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancelled);
        return proxy;
    }

    /// <summary>Has the file checked, and gives what it says and its exit code.</summary>
    public static async Task<(int ExitCode, string Output)> CheckAsync()
    {
        var start = Command(FreeAddress(), FreeAddress(), [FreeAddress(), FreeAddress(), FreeAddress()], "-c");
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Cancelled), process.StandardError.ReadToEndAsync(Cancelled));
        await process.WaitForExitAsync(Cancelled);
        return (process.ExitCode, string.Concat(output));
    }

    /// <summary>How many requests each node was sent so far, and whether it counts as serving.</summary>
    public async Task<IReadOnlyList<(string Name, int Requests, bool IsUp)>> ServersAsync()
    {
        string page;
        try
        {
            page = await _http.GetStringAsync(new Uri(_stats, "/;csv"), Cancelled);
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return [];
        }

        var lines = page.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var columns = lines[0].TrimStart('#', ' ').Split(',').ToList();
        int total = columns.IndexOf("stot"), status = columns.IndexOf("status"), check = columns.IndexOf("check_status");
        return [.. lines.Skip(1).Select(line => line.Split(',')).Where(line => line[0] == "nodes" && line[1] != "BACKEND")
            .Select(line => (line[1], int.Parse(line[total], CultureInfo.InvariantCulture), line[status].StartsWith("UP", StringComparison.Ordinal) && line[check] == "L7OK"))];
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private static ProcessStartInfo Command(Uri address, Uri stats, Uri[] nodes, string mode)
    {
        var start = new ProcessStartInfo("haproxy", [mode, "-f", Deployed.File("haproxy", "haproxy.cfg")]) { UseShellExecute = false };
        start.Environment["SAVEPOINT_EDGE"] = address.Authority;
        start.Environment["SAVEPOINT_EDGE_STATS"] = stats.Authority;
        for (var i = 0; i < nodes.Length; i++)
            start.Environment[$"SAVEPOINT_NODE_{i + 1}"] = nodes[i].Authority;
        return start;
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{(IPEndPoint)listener.LocalEndpoint}");
    }
}
