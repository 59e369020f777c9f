using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>One sending of the wish for a session, and the session if it is granted, at a node. What it is told travels to its client over the wire.</summary>
internal sealed class RawHolder(SimulationContext run, string node, Opening opening, SessionClient client, RawConnection connection, Mirror mirror) : SessionHolder, IWatch
{
    private int _answers;

    public long Watch { get; } = run.History.NewWatch();

    public Opening Opening => opening;

    public bool IsAnswered => Volatile.Read(ref _answers) > 0;

    private History History => run.History;

    protected internal override void OnOpened(in SessionOpening outcome)
    {
        if (Interlocked.Increment(ref _answers) != 1)
            History.Verdict.Fail("I4", $"{node} answered one sending of {opening} twice");
        History.Opened(node, Watch, opening, outcome);
        if (outcome.Session > 0)
        {
            mirror.Start(outcome.Snapshot);
            History.WatchStarted(node, Watch, outcome.Snapshot, FromVersion);
            foreach (var message in outcome.Messages)
                History.Delivered(node, Watch, Key, message.Id);
        }

        var answer = outcome;
        Tell(() => client.OnOpened(connection, opening, answer, mirror));
    }

    protected internal override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal) =>
        History.Verdict.Fail("I5", $"{node} started a watch where {opening} was asked for");

    protected internal override void OnChange(in EntityChange change) => History.Pushed(node, Watch, change, mirror.Apply(change));

    protected internal override void OnLost()
    {
        History.WatchEnded(node, Watch);
        Tell(() => client.OnLost(connection));
    }

    protected internal override void OnRequested(string requester) => Tell(() => client.OnRequested(connection));

    protected internal override void OnEnded(SessionEndReason reason, string? newHolder)
    {
        History.WatchEnded(node, Watch);
        Tell(() => client.OnEnded(connection));
    }

    protected internal override void OnMessage(EntityMessage message)
    {
        History.Delivered(node, Watch, Key, message.Id);
        Tell(() => client.OnMessage(connection, message));
    }

    private void Tell(Action step) => run.Wire.Send(client.Process, step);
}
