namespace Savepoint.Engine.Recovery;

/// <summary>
/// Says of an entity that can't be read that the journal holds committed changes that are newer than its stored row: checkpoints have passed them, and
/// whoever repairs it needs them. It is said in the text of the flag, which is stored before a checkpoint can pass them, read by people, and gone with
/// the repair; so nothing else has to be kept for it.
/// </summary>
internal static class JournalOnly
{
    private const string Mark = " (newer changes are in the journal only)";

    public static string With(string error) => IsIn(error) ? error : error + Mark;

    public static bool IsIn(string? error) => error?.EndsWith(Mark, StringComparison.Ordinal) == true;
}
