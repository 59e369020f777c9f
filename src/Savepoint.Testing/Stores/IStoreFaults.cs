using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>
/// Stands in the way of every call of a <see cref="FaultyStore"/>. A method that throws makes the call fail with that exception;
/// a task that has not completed makes the call wait for it. <see cref="StoreFaults"/> is the one for most tests.
/// </summary>
public interface IStoreFaults
{
    /// <summary>Comes before a call reads or writes anything. A <see cref="StoreException"/> thrown here should say <see cref="WriteOutcome.NotApplied"/>.</summary>
    ValueTask BeforeAsync(StoreCall call, CancellationToken cancellationToken);

    /// <summary>Comes after a write took effect and before its caller is told.</summary>
    ValueTask AfterCommitAsync(StoreCall call);
}
