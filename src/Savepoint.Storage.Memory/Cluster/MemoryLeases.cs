using Savepoint.Cluster;

namespace Savepoint.Storage.Memory;

/// <summary>
/// The cluster's tables in memory, which outlive the <see cref="MemoryLeaseStore"/>s that nodes have on them. Safe for concurrent use.
/// </summary>
/// <param name="shards">The number of shards.</param>
/// <param name="clock">The database's clock, the only one that counts.</param>
public sealed class MemoryLeases(int shards, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<Guid, NodeRow> _nodes = [];
    private readonly LeaseRow[] _leases = [.. Enumerable.Range(0, shards).Select(_ => new LeaseRow())];
    private readonly Dictionary<string, MemoryLeaseStore> _locks = new(StringComparer.Ordinal);
    private byte[]? _secret;
    private int _minFeatureLevel;

    /// <summary>The number of shards.</summary>
    public int Shards => _leases.Length;

    private DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Who has, or had last, the lease of a shard, over or not; null when nobody has.</summary>
    public ShardLease LeaseOf(int shard)
    {
        lock (_gate)
            return _leases[shard].ToLease(Now);
    }

    internal byte[] ReadOrCreateKey(ReadOnlyMemory<byte> candidate)
    {
        lock (_gate)
            return [.. _secret ??= candidate.ToArray()];
    }

    internal void Join(MemoryLeaseStore session, ClusterNode node, bool canOwn, TimeSpan duration)
    {
        lock (_gate)
        {
            if (node.FeatureLevel < _minFeatureLevel)
                throw JoinRefusedException.Outdated(node, _minFeatureLevel);
            var (now, hasName, hasAddress) = (Now, TryLock(session, NameLock(node)), TryLock(session, AddressLock(node)));
            var namesakes = _nodes.Values.Where(row => row.Node.Id != node.Id && (row.Node.Name == node.Name || row.Node.Address == node.Address)).ToList();
            foreach (var row in namesakes)
            {
                var isProvenGone = row.HasLocks && (row.Node.Name != node.Name || hasName) && (row.Node.Address != node.Address || hasAddress);
                if (isProvenGone || row.Until <= now)
                    continue;
                UnlockAll(session);
                throw JoinRefusedException.Taken(node, row.Node, row.StartedAt);
            }

            foreach (var row in namesakes)
                _nodes.Remove(row.Node.Id);
            _nodes[node.Id] = new NodeRow(node, now) { CanOwn = canOwn, Until = now + duration, HasLocks = hasName && hasAddress };
            FreeAll(node.Id);
        }
    }

    internal ClusterView? Renew(MemoryLeaseStore session, LeaseRenewal renewal)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(renewal.NodeId, out var row))
            {
                UnlockAll(session);
                return null;
            }

            var now = Now;
            (row.CanOwn, row.Unfit, row.Until) = (renewal.CanOwn, [.. renewal.Unfit], now + renewal.Duration);
            row.HasLocks = TryLock(session, NameLock(row.Node)) & TryLock(session, AddressLock(row.Node));
            foreach (var lease in _leases.Where(lease => lease.Owner == renewal.NodeId))
                lease.Until = now + renewal.Duration;
            foreach (var lease in renewal.Wanted.Select(shard => _leases[shard]))
            {
                if (lease.Owner is null || (lease.Owner != renewal.NodeId && lease.Until <= now))
                    lease.Give(renewal.NodeId, now + renewal.Duration);
            }

            return new ClusterView(
                [.. _nodes.Values.Where(node => node.Until > now).OrderBy(node => node.Node.Name, StringComparer.Ordinal).Select(node => node.ToState(now))],
                [.. _leases.Select(lease => lease.ToLease(now))]);
        }
    }

    internal bool HandOver(int shard, Guid from, long term, Guid to, TimeSpan duration)
    {
        lock (_gate)
        {
            var (lease, now) = (_leases[shard], Now);
            if (lease.Owner != from || lease.Term != term || !_nodes.TryGetValue(to, out var next) || next.Until <= now)
                return false;
            lease.Give(to, now + duration);
            return true;
        }
    }

    internal void Release(int shard, Guid from, long term)
    {
        lock (_gate)
        {
            if (_leases[shard].Owner == from && _leases[shard].Term == term)
                _leases[shard].Free();
        }
    }

    internal void Leave(MemoryLeaseStore session, Guid node)
    {
        lock (_gate)
        {
            _nodes.Remove(node);
            FreeAll(node);
            UnlockAll(session);
        }
    }

    internal bool RequireFeatureLevel(int level)
    {
        lock (_gate)
        {
            if (_nodes.Values.Any(row => row.Until > Now && row.Node.FeatureLevel < level))
                return false;
            _minFeatureLevel = Math.Max(_minFeatureLevel, level);
            return true;
        }
    }

    /// <summary>A connection is gone, and its locks with it.</summary>
    internal void End(MemoryLeaseStore session)
    {
        lock (_gate)
            UnlockAll(session);
    }

    private bool TryLock(MemoryLeaseStore session, string what) => _locks.TryAdd(what, session) || _locks[what] == session;

    private void UnlockAll(MemoryLeaseStore session)
    {
        foreach (var what in _locks.Where(held => held.Value == session).Select(held => held.Key).ToList())
            _locks.Remove(what);
    }

    private void FreeAll(Guid node)
    {
        foreach (var lease in _leases.Where(lease => lease.Owner == node))
            lease.Free();
    }

    private static string NameLock(ClusterNode node) => $"name {node.Name}";

    private static string AddressLock(ClusterNode node) => $"address {node.Address.AbsoluteUri}";

    private sealed class NodeRow(ClusterNode node, DateTimeOffset startedAt)
    {
        public ClusterNode Node => node;

        public DateTimeOffset StartedAt => startedAt;

        public bool CanOwn { get; set; }

        public int[] Unfit { get; set; } = [];

        public DateTimeOffset Until { get; set; }

        /// <summary>Whether its connection holds the locks on its name and address.</summary>
        public bool HasLocks { get; set; }

        public MemberState ToState(DateTimeOffset now) => new(node, CanOwn, Unfit, Until - now);
    }

    private sealed class LeaseRow
    {
        public Guid? Owner { get; private set; }

        public long Term { get; private set; }

        public DateTimeOffset Until { get; set; }

        public void Give(Guid owner, DateTimeOffset until) => (Owner, Term, Until) = (owner, Term + 1, until);

        public void Free() => (Owner, Until) = (null, default);

        public ShardLease ToLease(DateTimeOffset now) => new(Owner, Term, Until == default ? TimeSpan.Zero : Until - now);
    }
}
