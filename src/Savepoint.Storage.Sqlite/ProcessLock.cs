using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Sqlite;

/// <summary>
/// Keeps a database to one process. A file of its own, because SQLite's locks are per process: opening and closing the database file itself would
/// drop them. The file stays when the lock is released, since removing it would race with the next one to take it.
/// </summary>
internal sealed class ProcessLock : IDisposable
{
    private readonly FileStream _file;

    private ProcessLock(FileStream file) => _file = file;

    public static ProcessLock Take(string databasePath)
    {
        var path = databasePath + ".lock";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            return new ProcessLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new StoreException($"The database {databasePath} is locked by another process.", WriteOutcome.NotApplied, isTransient: true, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The lock file {path} can't be opened.", WriteOutcome.NotApplied, isTransient: false, exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
