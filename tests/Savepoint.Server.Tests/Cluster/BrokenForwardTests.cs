using System.Net;
using System.Net.Sockets;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Requests whose way breaks once they may have taken effect.</summary>
public sealed class BrokenForwardTests : TwoNodes
{
    [Theory]
    [InlineData("POST", 1000)]
    [InlineData("POST", 0)]
    [InlineData("POST", null)]
    [InlineData("PUT", 1000)]
    [InlineData("DELETE", null)]
    public async Task A_request_that_may_have_taken_effect_is_not_repeated(string method, int? bytes)
    {
        // A connection that was used before: what comes to nothing on one of those, clients like to send again.
        (await TextAsync(Get(First, "/test/who?route=bob"))).ShouldBe("second");
        First.Maps.Doubted = _ => First.Maps.Assign(First.Node, Bob);
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(First.Node.Address, "/test/break?route=bob"));
        if (bytes is { } count)
            request.Content = new ByteArrayContent(new byte[count]);
        using var response = await Client.SendAsync(request, Cancelled);
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "outcome.unknown"));
        (First.Served, Second.Served).ShouldBe((0, 2));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("DELETE")]
    public async Task A_request_whose_owner_dies_over_it_is_not_repeated(string method)
    {
        using var relay = new TcpListener(IPAddress.Loopback, 0);
        relay.Start();
        First.Maps.Assign(Second.Node with { Address = new Uri($"http://{relay.LocalEndpoint}") }, Bob);
        First.Maps.Doubted = _ => First.Maps.Assign(First.Node, Bob);
        var dying = RelayUntilItBreaksAsync(relay, Second.Node.Address);
        (await TextAsync(Get(First, "/test/who?route=bob"))).ShouldBe("second");
        using var response = await Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(First.Node.Address, "/test/break?route=bob")), Cancelled);
        await dying;
        (response.StatusCode, await CodeAsync(response)).ShouldBe((HttpStatusCode.BadGateway, "outcome.unknown"));
        (First.Served, Second.Served).ShouldBe((0, 2));
    }

    [Fact]
    public async Task A_reading_that_broke_off_is_repeated()
    {
        First.Maps.Doubted = _ => First.Maps.Assign(First.Node, Bob);
        using var response = await Client.SendAsync(Get(First, "/test/break?route=bob"), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (First.Served, Second.Served).ShouldBe((1, 1));
    }

    /// <summary>Passes one connection on; when it breaks at the other end, nobody is at the address any more.</summary>
    private static async Task RelayUntilItBreaksAsync(TcpListener relay, Uri to)
    {
        using var near = await relay.AcceptTcpClientAsync(Cancelled);
        using var far = new TcpClient();
        await far.ConnectAsync(to.Host, to.Port, Cancelled);
        _ = near.GetStream().CopyToAsync(far.GetStream(), Cancelled);
        try
        {
            await far.GetStream().CopyToAsync(near.GetStream(), Cancelled);
        }
        catch (IOException)
        {
            // It broke.
        }

        relay.Stop();
    }
}
