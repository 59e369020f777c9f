namespace Savepoint.Embedded.Tests;

/// <summary>A folder of a test's own, which goes in the end.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("savepoint-embedded-");

    public string Path => _folder.FullName;

    public EmbeddedOptions Options => new() { DataPath = Path };

    public Task<EmbeddedSavepoint> StartAsync() => EmbeddedSavepoint.StartAsync(Options, TestContext.Current.CancellationToken);

    public void Dispose() => _folder.Delete(recursive: true);
}
