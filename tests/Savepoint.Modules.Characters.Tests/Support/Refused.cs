namespace Savepoint.Modules.Characters.Tests;

internal static class Refused
{
    /// <summary>The rules don't allow it, for this reason.</summary>
    public static void ShouldBeRefused<T>(this Ruling<T> ruling, string code)
        where T : notnull
    {
        ruling.IsAllowed(out var result, out var error).ShouldBeFalse($"It was allowed: {result}");
        error!.Code.ShouldBe(code);
        error.Detail.ShouldNotBeNullOrWhiteSpace();
        Should.Throw<InvalidOperationException>(() => ruling.Result).Message.ShouldContain(code);
    }
}
