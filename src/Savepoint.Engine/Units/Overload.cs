using Savepoint.Engine.Databases;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Units;

/// <summary>The refusals for want of room: nothing has happened, no writer remembers them, and the same request may come again in a while.</summary>
internal static class Overload
{
    /// <summary>The answer to whatever would have to wait for a commit while as much waits as may.</summary>
    public static Refusal TooMuchWaits { get; } =
        new(RefusalCode.Overloaded) { Detail = "too much waits for its commit", RetryAfter = TimeSpan.FromMilliseconds(100) };

    public static Refusal TooManyWriters { get; } =
        new(RefusalCode.Overloaded) { Detail = "too many writers", RetryAfter = TimeSpan.FromSeconds(10) };

    public static Refusal TooManyOutcomes { get; } =
        new(RefusalCode.Overloaded) { Detail = "too many outcomes that the writer has not received", RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>Whether a unit can't be queued now. Final saves get through longer than others.</summary>
    public static bool Refuses(Unit unit, Database database)
    {
        var share = unit.Mutations[0].Session > 0 ? 2 : 1;
        return database.IsQueueFull(share) || database.IsJournalFull;
    }

    /// <summary>Whether a unit can't be queued now, unless an earlier copy of its request may take effect yet: that one is not refused for want of room.</summary>
    public static bool Refuses(Unit unit, Database database, WriterState? writer) => writer?.MayBeWaiting(unit.Request) != true && Refuses(unit, database);
}
