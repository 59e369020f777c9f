#pragma warning disable RS0030 // Looks at real processes.

using System.Globalization;

namespace Savepoint.Testing;

/// <summary>The children of a process, as Linux lists them.</summary>
internal static class ProcessTree
{
    public static List<int> ChildrenOf(int process) =>
        [.. System.IO.File.ReadAllText($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))];

    /// <summary>Not a child of ours, so there is nothing to wait for but its disappearance.</summary>
    public static async Task WaitUntilGoneAsync(int process)
    {
        while (Directory.Exists($"/proc/{process}") && !IsDead(process))
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
    }

    // A dead one stays listed until its new parent, which may be a lazy one, asks for it.
    private static bool IsDead(int process)
    {
        try
        {
            var stat = System.IO.File.ReadAllText($"/proc/{process}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 2)[0] is 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
