using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>The sessions and watches of a client, by the numbers that pushes carry, and by entity. Thread-safe; calls out run outside the lock.</summary>
internal sealed class SubscriptionTable
{
    private readonly object _gate = new();
    private readonly List<ISubscription> _all = [];
    private readonly Dictionary<ulong, ISubscription> _byWatch = [];
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

    /// <summary>Makes known under which number the pushes come, for a new subscription or one that was resumed.</summary>
    public void Attach(ISubscription subscription, ulong watch)
    {
        lock (_gate)
        {
            _byWatch[watch] = subscription;
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
    /// <returns>The numbers that its pushes came under.</returns>
    public List<ulong> Remove(ISubscription subscription)
    {
        var watches = new List<ulong>();
        lock (_gate)
        {
            foreach (var (watch, attached) in _byWatch)
            {
                if (attached == subscription)
                    watches.Add(watch);
            }
            foreach (var watch in watches)
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
        ISubscription? subscription;
        lock (_gate)
            _byWatch.TryGetValue(watch, out subscription);
        subscription?.OnPush(push);
    }

    public void RememberOwn(in SentChange change, long version)
    {
        foreach (var subscription in Of(change.Kind, change.Id))
            subscription.OnOwnCommitted(version, change.Delta);
    }

    /// <summary>The connection is gone, and with it the numbers.</summary>
    public void Disconnect()
    {
        ISubscription[] all;
        lock (_gate)
        {
            all = [.. _all];
            _byWatch.Clear();
        }
        foreach (var subscription in all)
            subscription.OnDisconnected();
    }

    private ISubscription[] Of(string kind, string id)
    {
        lock (_gate)
            return _byEntity.TryGetValue((kind, id), out var ofEntity) ? [.. ofEntity] : [];
    }
}
