using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>One sending of a request.</summary>
internal sealed class RawUnit : Unit
{
    private readonly Operation _operation;
    private readonly History _history;
    private readonly string _node;
    private readonly Action<long[], Refusal?> _answer;
    private int _answers;

    public RawUnit(Operation operation, long receivedThrough, History history, string node, string actor, Action<long[], Refusal?> answer)
    {
        (_operation, _history, _node, _answer) = (operation, history, node, answer);
        Mutations = [.. operation.Mutations.Select(mutation => mutation with { ResultVersion = -1 })];
        (Writer, Request, ReceivedThrough, Actor) = (operation.Writer, operation.Request, receivedThrough, actor);
        history.Backlog.Arrived(node);
    }

    protected internal override void Completed(Refusal? refusal)
    {
        if (Interlocked.Increment(ref _answers) == 1)
            _history.Backlog.Answered(_node);
        else
            _history.Verdict.Fail("I4", $"{_node} answered one sending of {_operation} twice");
        var versions = Array.ConvertAll(Mutations, mutation => mutation.ResultVersion);
        _history.Answer(_node, _operation, versions, refusal);
        _answer(versions, refusal);
    }
}
