using Savepoint.Server.Development;
using Savepoint.Server.Tests.Cluster;

[assembly: AssemblyFixture(typeof(SharedData))]

namespace Savepoint.Server.Tests.Cluster;

/// <summary>The data folder of all nodes, which take each other's development tokens. Their keys are there before the first of them: several start at once.</summary>
public sealed class SharedData : IDisposable
{
    private static readonly Lazy<DirectoryInfo> Folder = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("savepoint-test-");
        DevelopmentKeys.LoadOrCreate(folder.FullName).Dispose();
        return folder;
    });

    internal static string Path => Folder.Value.FullName;

    public void Dispose()
    {
        if (Folder.IsValueCreated)
            Folder.Value.Delete(recursive: true);
    }
}
