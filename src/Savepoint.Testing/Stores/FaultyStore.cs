using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// Lets any store misbehave: before each call, and after each write that took effect, the faults have their say. It adds no thread and no timer,
/// and a call waits only where the faults or the store do. What the faults delay is a call on its way: cancelling counts before it, or where the faults
/// honour it, and no more in the store. Safe for concurrent use.
/// </summary>
/// <param name="inner">The store that does the work; disposed with this.</param>
/// <param name="faults">What goes wrong.</param>
public sealed class FaultyStore(IStore inner, IStoreFaults faults) : StoreDecorator(inner)
{
    /// <inheritdoc/>
    protected override async ValueTask<T> RunAsync<T>(StoreCall call, Func<CancellationToken, ValueTask<T>> run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await faults.BeforeAsync(call, cancellationToken);
        var result = await run(CancellationToken.None);
        if (call.IsWrite) await faults.AfterCommitAsync(call);
        return result;
    }
}
