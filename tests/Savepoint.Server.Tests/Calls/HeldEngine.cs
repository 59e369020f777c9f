using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Server.Tests.Calls;

/// <summary>An engine that takes up what comes once it is let, and says what has come.</summary>
internal sealed class HeldEngine(IStateEngine inner) : IStateEngine
{
    private readonly Queue<Action> _held = [];

    /// <summary>Whether it takes all up at once.</summary>
    public bool IsFree { get; init; }

    /// <summary>The numbers of the units that have come.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>How many readings have come.</summary>
    public int Readings { get; private set; }

    /// <summary>The sessions that were left.</summary>
    public List<SessionHolder> Disconnected { get; } = [];

    public Guid DatabaseId => inner.DatabaseId;

    /// <summary>Lets all that has come take its way.</summary>
    public void Release()
    {
        while (_held.TryDequeue(out var request))
            request();
    }

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

    public void OpenSession(SessionHolder holder) => Take(() => inner.OpenSession(holder));

    public void Disconnect(SessionHolder holder) => Disconnected.Add(holder);

    private void Take(Action request)
    {
        if (IsFree)
            request();
        else
            _held.Enqueue(request);
    }
}
