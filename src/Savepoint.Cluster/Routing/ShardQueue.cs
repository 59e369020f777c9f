using System.Diagnostics.CodeAnalysis;
using Savepoint.Cluster.Peers.Links;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Routing;

/// <summary>
/// Requests for one shard that wait until it has an owner that can be reached, and the flow that brings them there:
/// 1. wait a moment: what was in the former owner's hands comes back within it, and is put in its place again;
/// 2. refuse what has waited for too long;
/// 3. ask whoever the map names whether it serves the shard;
/// 4. if it does, send all of them in order, and those that came in meanwhile; then the way is open again;
/// 5. if not, have the map read again, wait for a newer one or a pause, and go on with 2.
/// Whoever comes while there is a queue goes to its end: a request never overtakes an earlier one of its writer that waits.
/// </summary>
internal sealed class ShardQueue(RoutedEngine router, int shard)
{
    // How long the owner may take to say whether it serves the shard before the map is looked at again.
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(1);

    private List<RoutedRequest> _waiting = [];

    /// <summary>Adds a request. Under the router's gate.</summary>
    public void Add(RoutedRequest request) => _waiting.Add(request);

    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            var pause = router.Options.RetryPause;
            await Task.Delay(pause, router.Time, stopping);
            while (true)
            {
                RefuseLate();
                var map = router.Maps.Current;
                if (map[shard].Node is { } owner && await ServesAsync(owner, map.Version, stopping))
                {
                    if (TrySendAll(owner))
                        return;
                }
                else if (router.TryEnd(shard, this, () => _waiting.Count == 0))
                {
                    return;
                }
                else
                {
                    router.Maps.Doubt(shard);
                }

                await router.Maps.WaitForNewerAsync(map.Version, Shorter(pause), router.Time, stopping);
                pause = pause * 2 < router.Options.MaxRetryPause ? pause * 2 : router.Options.MaxRetryPause;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            RefuseAll(new Refusal(RefusalCode.ShuttingDown));
        }
#pragma warning disable CA1031 // A fault must not leave those who wait without an answer.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            RefuseAll(new Refusal(RefusalCode.Internal) { Detail = fault.Message });
        }
    }

    /// <summary>Puts the requests of each writer in the order of their numbers, in the places that they have.</summary>
    public static void Sort(List<RoutedRequest> requests)
    {
        foreach (var places in Enumerable.Range(0, requests.Count).Where(i => requests[i].Writer != Guid.Empty).GroupBy(i => requests[i].Writer).ToList())
        {
            var sorted = places.Select(i => requests[i]).OrderBy(request => request.Order).ToList();
            var next = 0;
            foreach (var place in places)
                requests[place] = sorted[next++];
        }
    }

    private List<RoutedRequest> Take()
    {
        lock (router.Gate)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    private void RefuseAll(Refusal refusal)
    {
        router.TryEnd(shard, this, static () => true);
        foreach (var request in Take())
        {
            router.CountOut();
            router.Refuse(request, refusal);
        }
    }

    private void RefuseLate()
    {
        List<RoutedRequest> late;
        lock (router.Gate)
        {
            late = _waiting.FindAll(router.IsLate);
            if (late.Count > 0)
                _waiting.RemoveAll(router.IsLate);
        }

        foreach (var request in late)
            router.RefuseLate(request);
    }

    private async Task<bool> ServesAsync(ClusterNode owner, long version, CancellationToken stopping)
    {
        if (owner.Id == router.Maps.Self.Id)
            return router.Engine.RefusalOf(shard) is null;
        var probe = new ProbeRequest(shard);
        var link = router.Links.LinkTo(owner);
        if (link.TrySend(probe) != SendResult.Sent)
            return false;
        using var limit = new CancellationTokenSource(ProbeLimit, router.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        _ = GiveUpWithNewerMapAsync(probe, version, ending.Token);
        await probe.Ended.WaitAsync();
        Cancel(ending);
        link.Leave(probe, farewell: null);
        if (probe.Refusal is { } refusal)
            router.Learn(refusal);
        stopping.ThrowIfCancellationRequested();
        return probe.IsServed;
    }

    private async Task GiveUpWithNewerMapAsync(ProbeRequest probe, long version, CancellationToken ending)
    {
        try
        {
            await router.Maps.WaitForNewerAsync(version, ending);
        }
        catch (OperationCanceledException)
        {
            // It took too long, or is over.
        }

        probe.Ended.Set();
    }

    /// <returns>Whether all are sent, and the way is open.</returns>
    private bool TrySendAll(ClusterNode owner)
    {
        while (!router.TryEnd(shard, this, () => _waiting.Count == 0))
        {
            var requests = Take();
            Sort(requests);
            for (var i = 0; i < requests.Count; i++)
            {
                router.CountOut();
                if (router.TrySendTo(owner, requests[i]))
                    continue;
                router.CountIn();
                lock (router.Gate)
                    _waiting.InsertRange(0, requests[i..]);
                return false;
            }
        }

        return true;
    }

    /// <summary>A pause that is over when the first request has waited for too long.</summary>
    private TimeSpan Shorter(TimeSpan pause)
    {
        lock (router.Gate)
        {
            foreach (var request in _waiting)
            {
                var left = router.Until(request.Deadline);
                if (left < pause)
                    pause = left;
            }
        }

        return pause > TimeSpan.Zero ? pause : TimeSpan.Zero;
    }

    // CancelAsync would leave the scheduler that this runs on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    private static void Cancel(CancellationTokenSource source) => source.Cancel();
}
