using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An engine that takes up units and readings once it is let.</summary>
internal sealed class HeldEngine(IStateEngine inner) : IStateEngine
{
    private readonly List<Action> _held = [];

    /// <summary>Whether it takes them up at once.</summary>
    public bool IsFree { get; init; }

    /// <summary>The numbers of the units that have come.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>How many readings have come.</summary>
    public int Readings { get; private set; }

    public Guid DatabaseId => inner.DatabaseId;

    /// <summary>Lets all that has come take its way.</summary>
    public void Release() => _held.ForEach(static request => request());

    public void Submit(Unit unit)
    {
        Numbers.Add(unit.Request);
        Take(() => inner.Submit(unit));
    }

    public void Read(EntityLookup lookup)
    {
        Readings++;
        Take(() => inner.Read(lookup));
    }

    public void Watch(Watcher watcher) => inner.Watch(watcher);

    public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

    public void OpenSession(SessionHolder holder) => inner.OpenSession(holder);

    public void Disconnect(SessionHolder holder) => inner.Disconnect(holder);

    private void Take(Action request)
    {
        if (IsFree)
            request();
        else
            _held.Add(request);
    }
}
