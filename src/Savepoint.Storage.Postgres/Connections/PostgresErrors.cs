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

    /// <summary>Whether what was written is at fault, rather than the database or the way to it.</summary>
    public static bool BlamesRow(PostgresException error) => error.SqlState[..2] is
        "22" or // the value can't be what its column asks for
        "23" or // a constraint
        "54" or // larger than the server's limits
        "P0" or // a trigger said no
        "XX"; // the stored row or its index is damaged

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
        { InnerException: TimeoutException } or TimeoutException => "PostgreSQL has not answered in time.",
        { InnerException: { } inner } => $"The connection to PostgreSQL failed: {failure.Message} {inner.Message}",
        _ => $"The connection to PostgreSQL failed: {failure.Message}",
    };
}
