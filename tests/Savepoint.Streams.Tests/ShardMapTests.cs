using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

public sealed class ShardMapTests
{
    private readonly TestShardMaps _maps = new();

    [Fact]
    public async Task A_game_server_that_asks_gets_the_map_after_Welcome()
    {
        await using var server = await TestServer.StartAsync(shardMaps: _maps);
        var client = await server.ConnectAsync(Asking());
        client.Welcome.NodeId.ShouldBe(Id(0));
        var map = (await client.NextAsync()).ShardMap;
        map.Nodes.Select(node => (node.Id, node.Name, node.Address)).ShouldBe(
        [
            (Id(0), "one", "ws://10.0.0.1:7350/stream"),
            (Id(1), "two", "wss://two.example/stream"),
            (Id(2), "three", ""),
        ]);
        map.Owners.ShouldBe([1u, 3, 0]);
        map.Terms.ShouldBe([5ul, 7, 6]);
        map.Kinds.ShouldBe(["profile"], "only the server knows whose a character is");
    }

    [Fact]
    public async Task Each_change_of_the_map_is_sent_to_those_who_asked()
    {
        await using var server = await TestServer.StartAsync(shardMaps: _maps);
        var asking = await server.ConnectAsync(Asking());
        var silent = await server.ConnectAsync();
        await asking.NextAsync(message => message.ShardMap is not null);
        _maps.Change((TestShardMaps.Nodes[1], 8), (TestShardMaps.Nodes[1], 8), (null, 6));
        var map = (await asking.NextAsync(message => message.ShardMap is not null)).ShardMap;
        map.Version.ShouldBe(2ul);
        map.Owners.ShouldBe([2u, 2, 0]);
        map.Terms.ShouldBe([8ul, 8, 6]);
        await silent.CommitAsync(Requests.Set("alice", "gold", 1));
        silent.Received.ShouldAllBe(message => message.ShardMap == null);
    }

    [Fact]
    public async Task A_player_gets_no_map()
    {
        await using var server = await TestServer.StartAsync(shardMaps: _maps);
        var hello = TestClient.AsPlayer("alice");
        hello.ShardMap = true;
        var client = await server.ConnectAsync(hello);
        _maps.Change((null, 8), (null, 8), (null, 8));
        await client.AskAsync(new ClientMessage { Get = new Get { Kind = Requests.Kind, Id = "alice" } });
        client.Received.ShouldAllBe(message => message.ShardMap == null);
    }

    [Fact]
    public async Task A_server_alone_says_that_everything_is_here()
    {
        await using var server = await TestServer.StartAsync();
        var client = await server.ConnectAsync(Asking());
        client.Welcome.NodeId.ShouldBe(ByteString.Empty);
        var map = (await client.NextAsync()).ShardMap;
        map.Nodes.Count.ShouldBe(1);
        map.Owners.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_that_was_meant_for_another_node_is_refused()
    {
        await using var server = await TestServer.StartAsync(shardMaps: _maps);
        var hello = Asking();
        hello.Node = Id(1);
        var refused = await server.Connect().HelloAsync(hello);
        refused.Error?.Code.ShouldBe(ErrorCodes.WrongNode);
        hello.Node = Id(0);
        await server.ConnectAsync(hello);
    }

    private static Hello Asking()
    {
        var hello = TestClient.AsGameServer();
        hello.ShardMap = true;
        return hello;
    }

    private static ByteString Id(int node) => ByteString.CopyFrom(TestShardMaps.Nodes[node].ToByteArray(bigEndian: true));
}
