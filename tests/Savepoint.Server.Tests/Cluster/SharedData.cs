using Savepoint.Server.Tests.Cluster;

[assembly: AssemblyFixture(typeof(SharedData))]

namespace Savepoint.Server.Tests.Cluster;

/// <summary>The data folder of all nodes, which take each other's development tokens.</summary>
public sealed class SharedData : IDisposable
{
    private static readonly Lazy<DirectoryInfo> Folder = new(() => Directory.CreateTempSubdirectory("savepoint-test-"));

    internal static string Path => Folder.Value.FullName;

    public void Dispose()
    {
        if (Folder.IsValueCreated)
            Folder.Value.Delete(recursive: true);
    }
}
