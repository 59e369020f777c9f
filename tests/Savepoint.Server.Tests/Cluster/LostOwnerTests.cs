using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Savepoint.Cluster;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Tests.Cluster;

/// <summary>Requests to an owner that is not, or no more, where the map has it: they wait for a newer map.</summary>
public sealed class LostOwnerTests : TwoNodes
{
    [Fact]
    public async Task Another_process_at_the_address_of_the_owner_is_noticed_and_the_request_waits_for_the_map()
    {
        var gone = Second.Node with { Id = Guid.NewGuid() };
        First.Maps.Assign(gone, Bob);
        First.Maps.Doubted = _ => First.Maps.Assign(Second.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(1 << 20);
        using var response = await Client.SendAsync(Echo(new ByteArrayContent(body), isHttp2: false), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body, "the body went only where it was taken");
        First.Maps.Doubts.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_answers_without_a_proof_is_no_owner()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        await using var impostor = builder.Build();
        impostor.MapFallback((HttpContext context) =>
        {
            context.Response.Headers[NodeHeaders.Proof] = context.Request.Headers[NodeHeaders.Call].ToString().Split('.')[^1];
            return "impostor";
        });
        await impostor.StartAsync(Cancelled);
        First.Maps.Assign(new ClusterNode(Guid.NewGuid(), "impostor", new Uri(impostor.Urls.Single()), 1), Bob);
        First.Maps.Doubted = _ => First.Maps.Assign(Second.Node, Bob);
        (await TextAsync(Get(First, "/test/who?route=bob"))).ShouldBe("second");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_owner_that_can_not_be_reached_is_looked_for_again(bool isHttp2)
    {
        First.Maps.Assign(new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        First.Maps.Doubted = _ => First.Maps.Assign(Second.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(100_000);
        using var response = await Client.SendAsync(Echo(new ByteArrayContent(body), isHttp2), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body);
    }

    [Fact]
    public async Task A_request_that_belongs_here_by_now_is_served_here()
    {
        First.Maps.Assign(new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        First.Maps.Doubted = _ => First.Maps.Assign(First.Node, Bob);
        var body = RandomNumberGenerator.GetBytes(100_000);
        using var response = await Client.SendAsync(Echo(new ByteArrayContent(body), isHttp2: false), Cancelled);
        (await response.Content.ReadAsByteArrayAsync(Cancelled)).ShouldBe(body);
    }

    [Fact]
    public async Task A_paused_owner_holds_nobody_up_once_its_shards_have_another()
    {
        using var paused = new TcpListener(IPAddress.Loopback, 0);
        paused.Start();
        First.Maps.Assign(new ClusterNode(Guid.NewGuid(), "paused", new Uri($"http://{paused.LocalEndpoint}"), 1), Bob);
        var asking = TextAsync(Get(First, "/test/who?route=bob"));
        using var connection = await paused.AcceptTcpClientAsync(Cancelled);
        (await connection.GetStream().ReadAsync(new byte[1], Cancelled)).ShouldBe(1, "the request has arrived, and nobody answers");
        First.Maps.Assign(Second.Node, Bob);
        (await asking.WaitAsync(TimeSpan.FromSeconds(20), Cancelled)).ShouldBe("second");
    }

    [Theory]
    [InlineData(true, "cluster.no_owner")]
    [InlineData(false, "cluster.owner_unreachable")]
    public async Task Without_an_owner_in_time_a_request_is_refused_and_may_be_repeated(bool isFree, string code)
    {
        await using var impatient = await TestNode.StartAsync("impatient", args: "--Savepoint:Cluster:ForwardTimeout=00:00:00.3");
        impatient.Maps.Assign(isFree ? null : new ClusterNode(Guid.NewGuid(), "gone", NobodyThere(), 1), Bob);
        using var response = await Client.PostAsync(new Uri(impatient.Node.Address, "/test/echo?route=bob"), new ByteArrayContent([1]), Cancelled);
        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await CodeAsync(response)).ShouldBe(code);
    }
}
