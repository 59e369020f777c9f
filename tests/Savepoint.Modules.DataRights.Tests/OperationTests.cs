namespace Savepoint.Modules.DataRights.Tests;

/// <summary>How the units of an operation are made.</summary>
public sealed class OperationTests
{
    [Fact]
    public void A_long_reason_is_cut_between_two_characters() =>
        new OperationWriter("admin:root", new string('x', 63) + "\U0001F409 cheats").Reason.ShouldBe(new string('x', 63));
}
