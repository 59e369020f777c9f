namespace Savepoint.Engine.Ownership;

/// <summary>Lets one flow at a time do something, in the order in which they came.</summary>
internal sealed class Turns
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private bool _isTaken;

    /// <summary>Waits for the turn, which lasts until <see cref="End"/>.</summary>
    /// <exception cref="OperationCanceledException">It was given up before it came.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_isTaken)
            {
                _isTaken = true;
                return;
            }

            _waiting.Enqueue(turn);
        }

        using var givingUp = cancellationToken.Register(() => turn.TrySetCanceled(cancellationToken));
        await turn.Task;
    }

    public void End()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                    return;
            }

            _isTaken = false;
        }
    }
}
