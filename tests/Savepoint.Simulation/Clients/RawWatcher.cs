using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>One watch of an entity, at a node.</summary>
/// <param name="history">Is told all that it is told, as it happens.</param>
/// <param name="node">The node's name.</param>
/// <param name="mirror">Follows the entity.</param>
/// <param name="onStarted">Takes the word of its start, or of its refusal, to the client.</param>
/// <param name="onLost">Takes the word of its end to the client.</param>
internal sealed class RawWatcher(History history, string node, Mirror mirror, Action<Refusal?> onStarted, Action onLost) : Watcher, IWatch
{
    public long Watch { get; } = history.NewWatch();

    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
    {
        if (refusal is null)
        {
            mirror.Start(snapshot);
            history.WatchStarted(node, Watch, snapshot, FromVersion);
        }

        onStarted(refusal);
    }

    protected internal override void OnChange(in EntityChange change) => history.Pushed(node, Watch, change, mirror.Apply(change));

    protected internal override void OnLost()
    {
        history.WatchEnded(node, Watch);
        onLost();
    }
}
