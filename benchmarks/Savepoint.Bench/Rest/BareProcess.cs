using System.Diagnostics;

namespace Savepoint.Bench.Rest;

/// <summary>The bare endpoint in a process of its own, until it is disposed of.</summary>
internal sealed class BareProcess : IDisposable
{
    private readonly Process _process;

    private BareProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public int ProcessId => _process.Id;

    public static async Task<BareProcess> StartAsync(string answer)
    {
        var process = OtherProcess.StartWithInput("rest-baseline", "--answer", answer);
        return new BareProcess(process, new Uri((await process.StandardOutput.ReadLineAsync())!));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
