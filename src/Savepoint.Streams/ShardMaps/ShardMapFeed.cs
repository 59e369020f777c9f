using Google.Protobuf;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;

namespace Savepoint.Streams.ShardMaps;

/// <summary>
/// Sends the shard map to the connections that asked for it, at first and after each change. Two sendings may pass each other, since each shard's owner has
/// a term by which clients tell what is newer.
/// </summary>
internal sealed class ShardMapFeed
{
    private readonly IShardMapSource? _source;
    private readonly string _nodeName;
    private readonly ConnectionTable _connections;
    private readonly string[] _kinds;

    public ShardMapFeed(IShardMapSource? source, KindRegistry kinds, string nodeName, ConnectionTable connections)
    {
        (_source, _nodeName, _connections) = (source, nodeName, connections);
        _kinds = [.. kinds.All.Where(static kind => kind.IsOwnedByItsId && !kind.IsOwnedBySavepoint).Select(static kind => kind.Name).Order(StringComparer.Ordinal)];
        Node = source is null ? ByteString.Empty : IdBytes.Of(source.Self);
        source?.Subscribe(SendToAll);
    }

    /// <summary>This node, as clients know it; empty without a cluster.</summary>
    public ByteString Node { get; }

    /// <summary>Sends the present map, and from now on each that comes. After Welcome.</summary>
    public void Begin(StreamConnection connection)
    {
        // In this order, a map that changes at this moment is sent twice rather than never.
        connection.FollowsShardMap = true;
        connection.Push(Message());
    }

    private void SendToAll()
    {
        var message = default(ServerMessage);
        foreach (var connection in _connections.All())
        {
            if (connection.FollowsShardMap)
                connection.Push(message ??= Message());
        }
    }

    private ServerMessage Message()
    {
        var map = new ShardMap();
        if (_source is null)
        {
            map.Version = 1;
            map.Nodes.Add(new Protocol.Messages.ShardMapNode { Name = _nodeName });
        }
        else
        {
            Describe(_source.Current, map);
        }

        map.Kinds.Add(_kinds);
        return new ServerMessage { ShardMap = map };
    }

    private static void Describe(ShardMapSnapshot snapshot, ShardMap map)
    {
        map.Version = (ulong)snapshot.Version;
        var positions = new Dictionary<Guid, uint>();
        foreach (var node in snapshot.Nodes)
        {
            map.Nodes.Add(new Protocol.Messages.ShardMapNode { Id = IdBytes.Of(node.Id), Name = node.Name, Address = StreamOf(node.Address) });
            positions[node.Id] = (uint)map.Nodes.Count;
        }

        foreach (var owner in snapshot.Owners)
        {
            map.Owners.Add(owner.Node is { } node ? positions.GetValueOrDefault(node) : 0);
            map.Terms.Add((ulong)owner.Term);
        }
    }

    private static string StreamOf(Uri? address) => address is null
        ? ""
        : new UriBuilder(address) { Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Path = WebSocketDuplex.Path }.Uri.AbsoluteUri;
}
