using Savepoint.Client;

namespace Savepoint.EmbeddedGame;

[Profile]
public partial class Hero
{
    [Additive]
    public partial long Gold { get; set; }

    public partial TrackedMap<long> Items { get; }
}
