namespace Savepoint.Client;

/// <summary>A transaction on its way; its caller awaits the versions.</summary>
internal sealed class TransactRequest(SynchronizationContext? context, byte[] body, IReadOnlyList<SentChange> changes, SubscriptionTable subscriptions)
    : UnitRequest("The transaction", body, changes, subscriptions)
{
    private readonly Completion<IReadOnlyList<long>> _completion = new(context);

    public Task<IReadOnlyList<long>> Task => _completion.Task;

    public override void OnFailed(SavepointException exception) => _completion.SetException(exception);

    public override void OnCanceled(CancellationToken cancellationToken) => _completion.SetCanceled(cancellationToken);

    protected override void OnCommitted(long[] versions) => _completion.SetResult(versions);
}
