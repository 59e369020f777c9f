using Npgsql;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Conformance.Postgres;

public sealed class PostgresErrorTests
{
    [Theory]
    [InlineData("22003")] // a number that is out of range
    [InlineData("22008")] // a time that is
    [InlineData("22021")] // text with a NUL
    [InlineData("22P05")] // JSON with a NUL
    [InlineData("23502")] // a column of one's own that must not be null
    [InlineData("23505")] // a unique index of one's own
    [InlineData("23514")] // a check of one's own
    [InlineData("54000")] // larger than an index can take
    [InlineData("P0001")] // a trigger said no
    [InlineData("XX001")] // the stored row is damaged
    [InlineData("XX002")] // its index is
    public void What_only_a_row_can_cause_is_its_fault(string state) => PostgresErrors.BlamesRow(Error(state)).ShouldBeTrue();

    [Theory]
    [InlineData("22023")] // a setting or parameter of a function has a wrong value
    [InlineData("2200C")] // misuse of an escape
    [InlineData("22012")] // division by zero, in somebody's trigger
    [InlineData("54011")] // too many columns
    [InlineData("54023")] // too many arguments
    [InlineData("P0000")] // a bug in a trigger
    [InlineData("P0002")] // a trigger found no row of its own
    [InlineData("XX000")] // an internal error, whatever it is about
    [InlineData("42501")] // a right that is missing
    [InlineData("53100")] // the disk is full
    [InlineData("40P01")] // a deadlock
    public void What_would_hit_any_row_is_not(string state) => PostgresErrors.BlamesRow(Error(state)).ShouldBeFalse();

    private static PostgresException Error(string state) => new("message", "ERROR", "ERROR", state);
}
