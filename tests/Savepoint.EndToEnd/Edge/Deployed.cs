namespace Savepoint.EndToEnd.Edge;

/// <summary>The files of the folder <c>deploy</c>, which are tested as they are.</summary>
internal static class Deployed
{
    public static string File(string folder, string name) => Path.Combine(Root(), "deploy", folder, name);

    /// <summary>The folder of the repository.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(folder.FullName, "Savepoint.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return folder.FullName;
    }
}
