using System.Runtime.InteropServices;

namespace Savepoint.Server.Hosting;

/// <summary>Secrets that the server makes up at its first start and keeps in files that only its own user can read.</summary>
internal static partial class SecretFiles
{
    /// <summary>What the file holds. Of several processes that make it at the same time, one writes it and all get that.</summary>
    /// <exception cref="IOException">The file can't be written or read.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder is not this user's to write to, or the file not to read.</exception>
    public static byte[] ReadOrCreate(string path, Func<byte[]> create)
    {
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Create(path, create());
        }

        return File.ReadAllBytes(path);
    }

    /// <summary>Written aside, under a name of its own, and put in place once it is on the disk: a crash leaves a whole file or none. Only its name may be lost with the power, as the folder is not flushed.</summary>
    private static void Create(string path, byte[] content)
    {
        var temporary = $"{path}.new-{Guid.NewGuid():N}";
        try
        {
            Write(temporary, content);
            Place(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }

        RemoveAbandoned(path);
    }

    private static void Write(string temporary, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(temporary, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Leaves the file of whoever was first.</summary>
    internal static void Place(string temporary, string path)
    {
        // Safe by link(2), which fails where there is a file, as Windows' move does; File.Move elsewhere looks first and then renames, over what has come in between.
        if ((!OperatingSystem.IsWindows() && Link(temporary, path) == 0) || File.Exists(path))
            return;
        try
        {
            // Not Windows: a file system without hard links, where nothing better is left.
            File.Move(temporary, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first, and may have removed this one's.
        }
    }

    /// <summary>What crashed processes have left. One that is still at it, and loses its file by this, finds that there is one in place.</summary>
    private static void RemoveAbandoned(string path)
    {
        try
        {
            foreach (var abandoned in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.new*"))
                File.Delete(abandoned);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // In use on Windows, another user's, or in a folder that can't be listed: they are in nobody's way.
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string added);
}
