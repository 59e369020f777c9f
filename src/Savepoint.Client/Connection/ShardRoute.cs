namespace Savepoint.Client;

/// <summary>
/// Over which connection the requests of one shard go. Their order is kept: they stay on one lane until all of them are answered, and only then change to a
/// better one; those that come meanwhile are held. Guarded by the pipeline's lock.
/// </summary>
internal sealed class ShardRoute
{
    public ShardRoute(Lane best) => (Best, Alone) = (best, new ShardPlace(this, []));

    /// <summary>What a request has that concerns this shard only.</summary>
    public ShardPlace Alone { get; }

    /// <summary>The lane to the owner; where there is none, the one that takes everything.</summary>
    public Lane Best { get; set; }

    /// <summary>The lane that its requests are on; null before the first.</summary>
    public Lane? Bound { get; set; }

    /// <summary>Requests on a lane, answered not yet, that concern the shard and have to keep their order.</summary>
    public int Outstanding { get; set; }

    /// <summary>What waits for the change to the better lane.</summary>
    public Queue<PendingRequest> Held { get; } = new();

    /// <summary>Whether what comes now would overtake what is on its way over another lane.</summary>
    public bool HasToHold => Bound != Best && Outstanding > 0 && Bound is { IsOpen: true };

    /// <summary>Holds requests that came before all that is held.</summary>
    public void HoldFirst(IEnumerable<PendingRequest> requests)
    {
        var later = Held.ToArray();
        Held.Clear();
        foreach (var request in requests.Concat(later))
            Held.Enqueue(request);
    }
}

/// <summary>The shards that a request concerns. It goes where the requests of the first go.</summary>
internal sealed record ShardPlace(ShardRoute First, ShardRoute[] Others);
