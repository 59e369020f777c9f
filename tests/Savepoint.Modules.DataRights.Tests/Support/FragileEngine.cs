using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Watching;

namespace Savepoint.Modules.DataRights.Tests;

/// <summary>An engine before which the process of the one who asks may die: at the n-th unit, before or after it is carried out.</summary>
internal sealed class FragileEngine(StateEngine inner) : IStateEngine
{
    private readonly TaskCompletionSource _died = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _submitted;

    /// <summary>The unit at which it dies, counted from 0; null to live.</summary>
    public int? DieAt { get; set; }

    /// <summary>Whether that unit is carried out still.</summary>
    public bool CarriesOut { get; set; }

    /// <summary>Completes when it has died.</summary>
    public Task Died => _died.Task;

    public int Submitted => _submitted;

    public Guid DatabaseId => inner.DatabaseId;

    public void Submit(Unit unit)
    {
        var number = _submitted++;
        if (DieAt is not { } last || number < last)
        {
            inner.Submit(unit);
            return;
        }

        if (number == last && CarriesOut)
            inner.Submit(new Forgotten { Mutations = unit.Mutations, Writer = unit.Writer, Request = unit.Request, Actor = unit.Actor, Then = () => _died.TrySetResult() });
        else
            _died.TrySetResult();
    }

    public void Read(EntityLookup lookup) => inner.Read(lookup);

    public void Watch(Watcher watcher) => inner.Watch(watcher);

    public void Unwatch(Watcher watcher) => inner.Unwatch(watcher);

    public void OpenSession(SessionHolder holder) => inner.OpenSession(holder);

    public void Disconnect(SessionHolder holder) => inner.Disconnect(holder);

    private sealed class Forgotten : Unit
    {
        public required Action Then { get; init; }

        protected override void Completed(Refusal? refusal) => Then();
    }
}
