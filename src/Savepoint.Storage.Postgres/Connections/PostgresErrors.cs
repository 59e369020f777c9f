using System.Net.Sockets;
using Npgsql;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Connections;

/// <summary>The one place that says what each failure of the database or of the way to it means.</summary>
internal static class PostgresErrors
{
    /// <summary>
    /// A write that failed once it may have been sent. The server's own ERROR is a promise that the transaction is rolled back; a FATAL or PANIC, a
    /// broken connection and a missing answer promise nothing: the transaction may be in, or still be running.
    /// </summary>
    public static StoreException AfterSending(Exception failure) => failure is PostgresException error && PromisesRollBack(error)
        ? NotApplied(failure)
        : new StoreException(Describe(failure), WriteOutcome.Unknown, isTransient: true, failure);

    /// <summary>A failure that can't have changed anything: of a read, of opening a connection, or one that the server promises to have undone.</summary>
    public static StoreException NotApplied(Exception failure) =>
        new(Describe(failure), WriteOutcome.NotApplied, failure is not PostgresException error || IsTransient(error), failure);

    /// <summary>Whether it comes from the database, or the way to it; everything else is a mistake of this program.</summary>
    public static bool IsOurs(Exception failure) => failure is NpgsqlException or SocketException or IOException or TimeoutException;

    /// <summary>Whether what was written is at fault, rather than the database or the way to it, or what others have put into it.</summary>
    public static bool BlamesRow(PostgresException error) => error.SqlState switch
    {
        // The value can't be what its column asks for: text, numbers, times, JSON.
        PostgresErrorCodes.StringDataRightTruncation or PostgresErrorCodes.NumericValueOutOfRange or PostgresErrorCodes.InvalidDatetimeFormat
            or PostgresErrorCodes.DatetimeFieldOverflow or PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.InvalidTextRepresentation
            or PostgresErrorCodes.InvalidBinaryRepresentation or PostgresErrorCodes.UntranslatableCharacter => true,

        // A constraint or an index, which can only be somebody's own.
        PostgresErrorCodes.IntegrityConstraintViolation or PostgresErrorCodes.RestrictViolation or PostgresErrorCodes.NotNullViolation
            or PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.CheckViolation
            or PostgresErrorCodes.ExclusionViolation => true,

        // Larger, or nested deeper, than the server can take.
        PostgresErrorCodes.ProgramLimitExceeded or PostgresErrorCodes.StatementTooComplex => true,

        // Somebody's trigger said no.
        PostgresErrorCodes.RaiseException or PostgresErrorCodes.AssertFailure => true,

        // The stored row or its index is damaged.
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => true,
        _ => false,
    };

    /// <summary>Whether all connections of the pool were in use for too long, which says nothing of the server. Npgsql tells by its message only.</summary>
    public static bool IsPoolUsedUp(Exception? failure) =>
        failure is NpgsqlException { InnerException: TimeoutException } && failure.Message.Contains("pool has been exhausted", StringComparison.Ordinal);

    private static bool PromisesRollBack(PostgresException error) =>
        error.InvariantSeverity is "ERROR" && error.SqlState != PostgresErrorCodes.StatementCompletionUnknown;

    private static bool IsTransient(PostgresException error) => error.IsTransient || error.SqlState switch
    {
        PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.IoError => true,
        _ => error.SqlState[..2] is "08" or "40" or "53" or "55" or "57",
    };

    private static string Describe(Exception failure) => failure switch
    {
        PostgresException error => $"PostgreSQL: {error.MessageText} (code {error.SqlState}).",
        _ when IsPoolUsedUp(failure) => "All connections to PostgreSQL are in use: raise MaxConnections.",
        { InnerException: TimeoutException } or TimeoutException => "PostgreSQL has not answered in time.",
        { InnerException: { } inner } => $"The connection to PostgreSQL failed: {failure.Message} {inner.Message}",
        _ => $"The connection to PostgreSQL failed: {failure.Message}",
    };
}
