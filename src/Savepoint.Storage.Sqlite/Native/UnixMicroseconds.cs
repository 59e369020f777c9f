namespace Savepoint.Storage.Sqlite.Native;

/// <summary>Times as the database keeps them: whole microseconds since 1970 in UTC, as exact as PostgreSQL's.</summary>
internal static class UnixMicroseconds
{
    private static readonly long EpochTicks = DateTimeOffset.UnixEpoch.UtcTicks;

    // Rounds towards the past, also before 1970.
    public static long From(DateTimeOffset time) => (long)Math.Floor((time.UtcTicks - EpochTicks) / (decimal)TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset ToTime(long microseconds) => new(EpochTicks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
