using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>A request whose caller awaits what its answer says.</summary>
/// <param name="name">For errors.</param>
/// <param name="body">The body field of the message, encoded.</param>
/// <param name="read">Makes the result of an answer that is no error; null when it is not the answer that belongs to the request.</param>
internal class Request<TResult>(string name, byte[] body, Func<ServerMessage, TResult?> read) : PendingRequest(name, body)
    where TResult : class
{
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _completion.Task;

    public override void OnAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnFailed(SavepointException.From(answer.Error));
        else
            Complete(answer);
    }

    public override void OnFailed(SavepointException exception) => _completion.TrySetException(exception);

    public override void OnCanceled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);

    private void Complete(ServerMessage answer)
    {
        try
        {
            if (read(answer) is { } result)
                _completion.TrySetResult(result);
            else
                OnFailed(SavepointException.Violation($"{Name} was answered with {answer.BodyCase}."));
        }
        catch (DocumentException exception)
        {
            OnFailed(SavepointException.From(exception, Kind ?? "", Id ?? ""));
        }
    }
}
