using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// Who owns which shard, put together from the maps that the nodes send: of each shard the owner of the highest term counts, so they may come in any order.
/// </summary>
internal sealed class ClusterMap
{
    private readonly Dictionary<ByteString, string> _addresses = [];
    private ulong[] _terms = [];

    /// <summary>The owner of each shard, empty where nobody is known; no entries when there is no cluster.</summary>
    public ByteString[] Owners { get; private set; } = [];

    /// <summary>The kinds whose entities' ids are the ids of their owners.</summary>
    public HashSet<string> Kinds { get; private set; } = [];

    /// <summary>The nodes that own something.</summary>
    public IEnumerable<ByteString> OwningNodes => Owners.Where(static owner => !owner.IsEmpty).Distinct();

    public void Take(ShardMap map)
    {
        if (map.Owners.Count != map.Terms.Count || map.Owners.Any(owner => owner > map.Nodes.Count))
            throw new System.IO.IOException("The server sent a malformed shard map.");
        if (map.Owners.Count != _terms.Length)
        {
            _terms = new ulong[map.Owners.Count];
            Owners = [.. Enumerable.Repeat(ByteString.Empty, map.Owners.Count)];
        }
        for (var shard = 0; shard < _terms.Length; shard++)
        {
            if (map.Terms[shard] < _terms[shard])
                continue;
            _terms[shard] = map.Terms[shard];
            Owners[shard] = map.Owners[shard] == 0 ? ByteString.Empty : map.Nodes[(int)map.Owners[shard] - 1].Id;
        }
        Kinds = [.. map.Kinds];
        TakeAddresses(map);
    }

    /// <summary>What was known belongs to another database.</summary>
    public void Clear()
    {
        (_terms, Owners, Kinds) = ([], [], []);
        _addresses.Clear();
    }

    /// <summary>The address of a node; empty if clients can't reach it or it is not known.</summary>
    public string AddressOf(ByteString node) => _addresses.TryGetValue(node, out var address) ? address : "";

    // A node that knows less than another one does not take that one's owners away.
    private void TakeAddresses(ShardMap map)
    {
        foreach (var node in map.Nodes)
            _addresses[node.Id] = node.Address;
        var known = OwningNodes.Concat(map.Nodes.Select(static node => node.Id)).ToHashSet();
        foreach (var gone in _addresses.Keys.Where(node => !known.Contains(node)).ToArray())
            _addresses.Remove(gone);
    }
}
