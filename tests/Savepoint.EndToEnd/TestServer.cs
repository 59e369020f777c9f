using Savepoint.Client;
using Savepoint.Testing;

namespace Savepoint.EndToEnd;

/// <summary>A real server on a folder of its own, which goes in the end.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;

    private TestServer(DirectoryInfo folder, ServerProcess process) => (_folder, Process) = (folder, process);

    public ServerProcess Process { get; }

    public string Folder => _folder.FullName;

    public string Database => Path.Combine(_folder.FullName, "savepoint.db");

    public static async Task<TestServer> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-e2e-");
        var process = await ServerProcess.StartAsync(
            new ServerProcessOptions
            {
                DataPath = folder.FullName,
                Settings = settings.ToDictionary(setting => $"Savepoint__{setting.Name}", setting => setting.Value),
            },
            TestContext.Current.CancellationToken);
        return new TestServer(folder, process);
    }

    /// <summary>Connects as a game server.</summary>
    public Task<SavepointClient> ConnectAsync(string name, int window = 1024, int timeoutSeconds = 60) => SavepointClient.ConnectAsync(
        new SavepointClientOptions
        {
            Endpoint = Process.StreamEndpoint,
            Credentials = new GameServerCredentials(name, Process.GameServerSecret),
            Window = window,
            RequestTimeout = TimeSpan.FromSeconds(timeoutSeconds),
        },
        TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
