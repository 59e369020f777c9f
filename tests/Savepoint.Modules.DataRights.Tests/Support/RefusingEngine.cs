using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An engine that lets no entry into the audit log.</summary>
internal sealed class RefusingEngine(StateEngine inner) : IStateEngine
{
    public Guid DatabaseId => inner.DatabaseId;

    public void Submit(Unit unit)
    {
        // An intent that no entity knows is refused, and the whole unit with it.
        for (var i = 0; i < unit.Mutations.Length; i++)
        {
            if (unit.Mutations[i].Key.Kind == AuditLog.KindName)
                unit.Mutations[i].Intent = "nothing";
        }

        inner.Submit(unit);
    }

    public void Read(EntityLookup lookup) => inner.Read(lookup);

    public void Watch(Watcher watcher) => inner.Watch(watcher);

    public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

    public void OpenSession(SessionHolder holder) => inner.OpenSession(holder);

    public void Disconnect(SessionHolder holder) => inner.Disconnect(holder);
}
