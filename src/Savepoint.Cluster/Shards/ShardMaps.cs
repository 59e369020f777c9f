namespace Savepoint.Cluster;

/// <summary>The map of a node, fed by its renewals and by what other nodes say.</summary>
/// <param name="self">This node.</param>
/// <param name="shards">The number of shards.</param>
public sealed class ShardMaps(ClusterNode self, int shards) : IShardMaps
{
    private readonly Lock _gate = new();
    private readonly LinkedList<TaskCompletionSource<ShardMap>> _waiting = [];
    private volatile ShardMap _current = new(0, new ShardOwner[shards]);

    /// <inheritdoc/>
    public ClusterNode Self => self;

    /// <inheritdoc/>
    public ShardMap Current => _current;

    /// <summary>Told when somebody doubts the map; reads it again, soon.</summary>
    internal Action? Doubted { get; set; }

    /// <inheritdoc/>
    public async Task<ShardMap> WaitForNewerAsync(long version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var newer = new LinkedListNode<TaskCompletionSource<ShardMap>>(new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_current.Version > version)
                return _current;
            _waiting.AddLast(newer);
        }

        // Task.WaitAsync would leave the scheduler.
        using var givingUp = cancellationToken.Register(() => GiveUp(newer, cancellationToken));
        return await newer.Value.Task;
    }

    /// <inheritdoc/>
    public void Doubt(int shard) => Doubted?.Invoke();

    /// <inheritdoc/>
    public void Learn(int shard, ShardOwner owner)
    {
        lock (_gate)
        {
            if (owner.Term <= _current[shard].Term)
                return;
            var owners = _current.Owners.ToArray();
            owners[shard] = owner;
            Replace(owners);
        }
    }

    /// <summary>Takes over what the tables say. Of a shard that another node has told of since, that stays.</summary>
    internal void Apply(ClusterView view)
    {
        lock (_gate)
        {
            var owners = _current.Owners.ToArray();
            for (var shard = 0; shard < owners.Length; shard++)
            {
                var lease = view.Leases[shard];
                if (lease.Term >= owners[shard].Term)
                    owners[shard] = new ShardOwner(lease.Left > TimeSpan.Zero ? view.Find(lease.Owner)?.Node : null, lease.Term);
            }

            if (!owners.SequenceEqual(_current.Owners))
                Replace(owners);
        }
    }

    private void GiveUp(LinkedListNode<TaskCompletionSource<ShardMap>> waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (waiter.List is null)
                return;
            _waiting.Remove(waiter);
        }

        waiter.Value.TrySetCanceled(cancellationToken);
    }

    private void Replace(ShardOwner[] owners)
    {
        var map = _current = new ShardMap(_current.Version + 1, owners);
        foreach (var waiter in _waiting)
            waiter.TrySetResult(map);
        _waiting.Clear();
    }
}
