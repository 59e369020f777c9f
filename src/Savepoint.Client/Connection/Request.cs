using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>A request whose caller awaits what its answer says.</summary>
/// <param name="context">Where its caller goes on.</param>
/// <param name="name">For errors.</param>
/// <param name="body">The body field of the message, encoded.</param>
/// <param name="read">Makes the result of an answer that is no error; null when it is not the answer that belongs to the request.</param>
internal class Request<TResult>(SynchronizationContext? context, string name, byte[] body, Func<ServerMessage, TResult?> read)
    : PendingRequest(name, body)
    where TResult : class
{
    private readonly Completion<TResult> _completion = new(context);

    public Task<TResult> Task => _completion.Task;

    public override void OnAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnFailed(SavepointException.From(answer.Error));
        else
            Complete(answer);
    }

    public override void OnFailed(SavepointException exception) => _completion.SetException(exception);

    public override void OnCanceled(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);

    private void Complete(ServerMessage answer)
    {
        try
        {
            if (read(answer) is { } result)
                _completion.SetResult(result);
            else
                OnFailed(SavepointException.Violation($"{Name} was answered with {answer.BodyCase}."));
        }
        catch (DocumentException exception)
        {
            OnFailed(SavepointException.From(exception, Kind ?? "", Id ?? ""));
        }
    }
}
