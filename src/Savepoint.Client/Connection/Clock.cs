namespace Savepoint.Client;

/// <summary>Waiting by the client's own clock, the same on both frameworks.</summary>
internal static class Clock
{
    public static long Ticks(this TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    public static Task After(this TimeProvider time, TimeSpan delay, CancellationToken cancellationToken) =>
#if NET
        Task.Delay(delay, time, cancellationToken);
#else
        TimeProviderTaskExtensions.Delay(time, delay, cancellationToken);
#endif

    /// <exception cref="TimeoutException">The task took longer.</exception>
    public static Task<T> Within<T>(this Task<T> task, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
#if NET
        task.WaitAsync(timeout, time, cancellationToken);
#else
        TimeProviderTaskExtensions.WaitAsync(task, timeout, time, cancellationToken);
#endif

    /// <exception cref="TimeoutException">The task took longer.</exception>
    public static Task Within(this Task task, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken) =>
#if NET
        task.WaitAsync(timeout, time, cancellationToken);
#else
        TimeProviderTaskExtensions.WaitAsync(task, timeout, time, cancellationToken);
#endif
}
