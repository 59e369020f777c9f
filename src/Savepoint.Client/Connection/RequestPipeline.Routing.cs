using Google.Protobuf;

namespace Savepoint.Client;

// The owner of a shard gets its requests without a detour. Where the map says nothing, or its connection is not there, any node does: it passes them on.
internal sealed partial class RequestPipeline
{
    private ShardRoute[] _shards = [];
    private ByteString[] _owners = [];
    private HashSet<string> _kinds = [];

    /// <summary>Sends requests by this map from now on.</summary>
    public void TakeMap(ClusterMap map)
    {
        lock (_gate)
        {
            // Of one node that owns everything and is connected nothing has to be looked up.
            if (_shards.Length == 0 && _lanes.Select(static lane => lane.Node).Concat(map.OwningNodes).Distinct().Count() < 2)
                return;
            (_owners, _kinds) = ([.. map.Owners], map.Kinds);
            if (_owners.Length != _shards.Length)
                PlaceAll();
            OnLanesChanged();
            SettleAll();
        }
    }

    /// <summary>For each change, the connection that it would go over now; null when only the server knows.</summary>
    public Lane?[] LanesOf(IReadOnlyList<SentChange> changes)
    {
        var lanes = new Lane?[changes.Count];
        lock (_gate)
        {
            for (var i = 0; i < lanes.Length && _shards.Length > 0; i++)
            {
                if (_kinds.Contains(changes[i].Kind))
                    lanes[i] = _shards[ShardHash.ShardOf(changes[i].Id.AsSpan(), _shards.Length)].Best;
            }
        }
        return lanes;
    }

    private void PlaceAll()
    {
        foreach (var shard in _shards)
        {
            while (shard.Held.TryDequeue(out var request))
                Move(request, _default ?? _waiting, first: false);
        }
        _shards = new ShardRoute[_owners.Length];
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = new ShardRoute(_default ?? _waiting);
        foreach (var request in Unanswered().Concat(AllQueued()))
        {
            request.IsCounted = false;
            request.Place = Locate(request);
            if (request is not { IsOrdered: true, Place: { } place })
                continue;
            place.First.Bound = request.Lane;
            Count(request);
        }
    }

    // Null when only the server knows.
    private ShardPlace? Locate(PendingRequest request)
    {
        var first = default(ShardRoute);
        var others = default(List<ShardRoute>);
        for (var i = 0; i < request.KeyCount && _shards.Length > 0; i++)
        {
            var (kind, id) = request.KeyAt(i);
            if (!_kinds.Contains(kind))
                continue;
            var shard = _shards[ShardHash.ShardOf(id.AsSpan(), _shards.Length)];
            first ??= shard;
            if (shard != first)
                (others ??= []).Add(shard);
        }
        return others is null ? first?.Alone : new ShardPlace(first!, [.. others]);
    }

    /// <returns>Where the request goes; null when it is held.</returns>
    private Lane? Route(PendingRequest request)
    {
        if (request.BoundTo is { IsOpen: true } bound)
            return bound;
        if (_shards.Length == 0 || (request.Place ??= Locate(request)) is not { First: var shard })
            return _default ?? _waiting;
        if (!request.IsOrdered)
            return shard.Best;
        if (shard.HasToHold)
        {
            request.Lane = null;
            shard.Held.Enqueue(request);
            return null;
        }
        shard.Bound = shard.Best;
        Count(request);
        return shard.Bound;
    }

    // For what is on a lane that is lost: it stays before what is held.
    private Lane NextLane(PendingRequest request)
    {
        if (request.BoundTo is { IsOpen: true } bound)
            return bound;
        if (request.Place is not { First: var shard })
            return _default ?? _waiting;
        return request.IsOrdered && shard.Bound is { } lane ? lane : shard.Best;
    }

    private void ChooseBest()
    {
        if (_shards.Length == 0)
            return;
        var byNode = new Dictionary<ByteString, Lane>();
        foreach (var lane in _lanes)
        {
            if (!lane.IsRetiring && !lane.Node.IsEmpty)
                byNode[lane.Node] = lane;
        }
        for (var i = 0; i < _shards.Length; i++)
            _shards[i].Best = byNode.TryGetValue(_owners[i], out var lane) ? lane : _default ?? _waiting;
    }

    private void Unbind(Lane lost)
    {
        foreach (var shard in _shards)
        {
            if (shard.Bound == lost)
                shard.Bound = shard.Best;
        }
    }

    // Before what came after them, and before any shard lets go of what it holds: else that would overtake them.
    private static void HoldFirst(PendingRequest[] unsent)
    {
        foreach (var request in unsent)
        {
            request.Lane = null;
            request.IsCounted = false;
            foreach (var shard in request.Place!.Others.Prepend(request.Place.First))
                shard.Outstanding--;
        }
        foreach (var requests in unsent.GroupBy(static request => request.Place!.First))
            requests.Key.HoldFirst(requests);
    }

    private void SettleAll()
    {
        foreach (var shard in _shards)
        {
            if (!shard.HasToHold)
                Release(shard);
        }
    }

    private void Release(ShardRoute shard)
    {
        if (shard.Held.Count == 0)
            return;
        shard.Bound = shard.Best;
        while (shard.Held.TryDequeue(out var request))
        {
            Count(request);
            Move(request, shard.Bound, first: false);
        }
    }

    private static void Count(PendingRequest request)
    {
        request.IsCounted = true;
        request.Place!.First.Outstanding++;
        foreach (var other in request.Place.Others)
        {
            // Should it move now, it has to wait for this request as well.
            if (other.Outstanding++ == 0)
                other.Bound = other.Best;
        }
    }

    // It does not stand in the way of a change any more.
    private void Uncount(PendingRequest request)
    {
        if (!request.IsCounted)
            return;
        request.IsCounted = false;
        Uncount(request.Place!.First);
        foreach (var other in request.Place.Others)
            Uncount(other);
    }

    private void Uncount(ShardRoute shard)
    {
        if (--shard.Outstanding == 0)
            Release(shard);
    }

    private void ForgetShards()
    {
        foreach (var shard in _shards)
            shard.Held.Clear();
        _shards = [];
    }
}
