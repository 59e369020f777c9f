using Savepoint.Client;

namespace Savepoint.Cluster.Tests.Routing;

[Profile]
public partial class Player
{
    [Additive, Default(100)]
    public partial long Gold { get; set; }

    [Default("Newcomer")]
    public partial string Title { get; set; }
}
