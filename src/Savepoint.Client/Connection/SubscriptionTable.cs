using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>The sessions and watches of a client, by the numbers that pushes carry, and by entity. Thread-safe; calls out run outside the lock.</summary>
internal sealed class SubscriptionTable
{
    private readonly object _gate = new();
    private readonly List<ISubscription> _all = [];
    private readonly Dictionary<ulong, (ISubscription Subscription, Lane Lane)> _byWatch = [];
    private readonly Dictionary<(string Kind, string Id), List<ISubscription>> _byEntity = [];
    private volatile bool _isEmpty = true;

    /// <summary>Whether nobody would be told of a change.</summary>
    public bool IsEmpty => _isEmpty;

    public ISubscription[] All
    {
        get
        {
            lock (_gate)
                return [.. _all];
        }
    }

    /// <summary>Makes known under which number the pushes come, and over which connection, for a new subscription or one that was resumed.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="request">The answered request that opened or resumed it.</param>
    public void Attach(ISubscription subscription, PendingRequest request)
    {
        lock (_gate)
        {
            _byWatch[request.Number] = (subscription, request.Lane!);
            var key = (subscription.Kind, subscription.Id);
            if (!_byEntity.TryGetValue(key, out var ofEntity))
                _byEntity[key] = ofEntity = [];
            if (ofEntity.Contains(subscription))
                return;
            ofEntity.Add(subscription);
            _all.Add(subscription);
            _isEmpty = false;
        }
    }

    /// <summary>Forgets a subscription.</summary>
    /// <returns>The numbers that its pushes came under, and the connections.</returns>
    public List<(ulong Watch, Lane Lane)> Remove(ISubscription subscription)
    {
        var watches = new List<(ulong Watch, Lane Lane)>();
        lock (_gate)
        {
            foreach (var (watch, attached) in _byWatch)
            {
                if (attached.Subscription == subscription)
                    watches.Add((watch, attached.Lane));
            }
            foreach (var (watch, _) in watches)
                _byWatch.Remove(watch);
            var key = (subscription.Kind, subscription.Id);
            if (_byEntity.TryGetValue(key, out var ofEntity) && ofEntity.Remove(subscription) && ofEntity.Count == 0)
                _byEntity.Remove(key);
            _all.Remove(subscription);
            _isEmpty = _all.Count == 0;
        }
        return watches;
    }

    /// <summary>The session that this client holds on an entity; null without one.</summary>
    public ProfileSession? FindSession(string kind, string id)
    {
        foreach (var subscription in Of(kind, id))
        {
            if (subscription is ProfileSession session)
                return session;
        }
        return null;
    }

    public void Push(ulong watch, ServerMessage push)
    {
        (ISubscription? Subscription, Lane) attached;
        lock (_gate)
            attached = _byWatch.TryGetValue(watch, out var found) ? found : default;
        attached.Subscription?.OnPush(push);
    }

    public void RememberOwn(in SentChange change, long version)
    {
        foreach (var subscription in Of(change.Kind, change.Id))
            subscription.OnOwnCommitted(version, change.Delta);
    }

    /// <summary>A connection is gone, and with it the numbers of what came over it.</summary>
    /// <returns>Whose pushes came over it.</returns>
    public List<ISubscription> Disconnect(Lane lane)
    {
        var disconnected = new List<ISubscription>();
        lock (_gate)
        {
            var watches = new List<ulong>();
            foreach (var (watch, attached) in _byWatch)
            {
                if (attached.Lane == lane)
                    watches.Add(watch);
            }
            foreach (var watch in watches)
            {
                disconnected.Add(_byWatch[watch].Subscription);
                _byWatch.Remove(watch);
            }
        }
        return disconnected;
    }

    private ISubscription[] Of(string kind, string id)
    {
        lock (_gate)
            return _byEntity.TryGetValue((kind, id), out var ofEntity) ? [.. ofEntity] : [];
    }
}
