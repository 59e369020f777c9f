using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An engine that does something once, before it takes the erasure of an entity: kinds whose names come earlier have been searched by then.</summary>
internal sealed class PlayedEngine(StateEngine inner, EntityKey before, Func<Task> play) : IStateEngine
{
    public bool HasPlayed { get; private set; }

    public Guid DatabaseId => inner.DatabaseId;

    public void Submit(Unit unit)
    {
        if (HasPlayed || !unit.Mutations.Any(mutation => mutation.Kind == MutationKind.Erase && mutation.Key == before))
        {
            inner.Submit(unit);
            return;
        }

        HasPlayed = true;
        _ = PlayAsync(unit);
    }

    public void Read(EntityLookup lookup) => inner.Read(lookup);

    public void Watch(Watcher watcher) => inner.Watch(watcher);

    public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

    public void OpenSession(SessionHolder holder) => inner.OpenSession(holder);

    public void Disconnect(SessionHolder holder) => inner.Disconnect(holder);

    private async Task PlayAsync(Unit unit)
    {
        await play();
        inner.Submit(unit);
    }
}
