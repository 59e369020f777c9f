namespace Savepoint.Cluster;

/// <summary>Waits for newer maps.</summary>
public static class NewerMaps
{
    /// <summary>Waits for a map that is newer than one that turned out to be wrong, and for a pause at most. It stays on the scheduler of its caller.</summary>
    /// <param name="maps">The maps.</param>
    /// <param name="version">The version of the map that was acted on.</param>
    /// <param name="pause">The most to wait.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static async Task WaitForNewerAsync(this IShardMaps maps, long version, TimeSpan pause, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(maps);

        // Task.WhenAny over the map and a delay would leave the scheduler.
        using var end = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            await maps.WaitForNewerAsync(version, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pause is over.
        }
    }
}
