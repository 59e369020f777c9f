using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Server.Tests.Calls;

/// <summary>An engine that takes up nothing until it is let.</summary>
internal sealed class HeldEngine(IStateEngine inner) : IStateEngine
{
    private readonly Queue<Action> _held = [];

    /// <summary>The sessions that were left.</summary>
    public List<SessionHolder> Disconnected { get; } = [];

    public Guid DatabaseId => inner.DatabaseId;

    /// <summary>Lets all that has come take its way.</summary>
    public void Release()
    {
        while (_held.TryDequeue(out var request))
            request();
    }

    public void Submit(Unit unit) => _held.Enqueue(() => inner.Submit(unit));

    public void Read(EntityLookup lookup) => _held.Enqueue(() => inner.Read(lookup));

    public void Watch(Watcher watcher) => inner.Watch(watcher);

    public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

    public void OpenSession(SessionHolder holder) => _held.Enqueue(() => inner.OpenSession(holder));

    public void Disconnect(SessionHolder holder) => Disconnected.Add(holder);
}
