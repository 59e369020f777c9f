using Savepoint.Cluster.Members;

namespace Savepoint.Cluster.Tests.Members;

public sealed class HandOversTests
{
    [Fact]
    public void Who_waits_for_the_end_of_what_was_planned_hears_of_it_also_when_nothing_is_planned_any_more()
    {
        // None is begun: what a hand-over that ends leaves to be begun next is replaced before it is.
        var handOvers = new HandOvers(null!, null!, null!, null!, null!, null!, null!, new MemberOptions { MovesAtOnce = 0 }, TimeProvider.System, null!);
        handOvers.Plan([new Move(1, 1, null, false)]);
        var waiting = handOvers.WaitAsync();
        waiting.IsCompleted.ShouldBeFalse();
        handOvers.Plan([]);
        waiting.IsCompleted.ShouldBeTrue();
    }
}
