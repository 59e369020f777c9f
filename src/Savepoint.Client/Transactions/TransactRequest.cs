namespace Savepoint.Client;

/// <summary>A transaction on its way; its caller awaits the versions.</summary>
internal sealed class TransactRequest(byte[] body, IReadOnlyList<SentChange> changes, SubscriptionTable subscriptions)
    : UnitRequest("The transaction", body, changes, subscriptions)
{
    private readonly TaskCompletionSource<IReadOnlyList<long>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<IReadOnlyList<long>> Task => _completion.Task;

    public override void OnFailed(SavepointException exception) => _completion.TrySetException(exception);

    public override void OnCanceled(CancellationToken cancellationToken) => _completion.TrySetCanceled(cancellationToken);

    protected override void OnCommitted(long[] versions) => _completion.TrySetResult(versions);
}
