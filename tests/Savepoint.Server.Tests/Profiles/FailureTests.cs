using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Hosting.Calls;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Server.Tests.Profiles;

/// <summary>Whatever fails, every request is answered, and with the truth.</summary>
public sealed class FailureTests
{
    private const string Add = """{"operations":[{"op":"increment","path":"gold","by":1}]}""";

    [Fact]
    public async Task What_can_not_be_stored_is_refused_with_a_time_to_come_again()
    {
        var faults = new StoreFaults();
        await using var server = await RunningServer.StartAsync(
            builder => builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults)), [.. ProfileApi.Keys, "--Savepoint:Engine:CommitRetry=00:00:00.1"]);
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        faults.FailNext(StoreOperation.Append, isTransient: false);
        var answer = (await api.PatchAsync("profiles/alice", Add)).ShouldBeProblem(503, "server.unavailable");
        (answer.Headers.ContainsKey("Retry-After"), answer.Body["transient"]!.GetValue<bool>()).ShouldBe((true, true));
        await server.UntilAsync(async () => (await api.PatchAsync("profiles/alice", Add)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_change_without_an_answer_in_time_has_an_unknown_outcome_and_a_read_can_come_again()
    {
        var (faults, time) = (new StoreFaults(), new VirtualTime());
        await using var server = await RunningServer.StartAsync(
            builder =>
            {
                builder.Services.AddSingleton<IStore>(new FaultyStore(new MemoryStore(new MemoryDatabase()), faults));
                builder.Services.AddSingleton(provider => new EngineCalls(provider.GetRequiredService<IStateEngine>(), time));
            },
            ProfileApi.Keys);
        var api = ProfileApi.Of(server);
        var stall = faults.StallNext(StoreOperation.Append);
        var putting = PutAsync();
        await Task.WhenAny(stall.Reached, putting);
        (await putting.LateAsync(time)).ShouldBeProblem(504, "outcome.unknown").Body["outcomeUnknown"]!.GetValue<bool>().ShouldBeTrue();
        (await api.GetAsync("profiles/alice").LateAsync(time)).ShouldBeProblem(503, "entity.load_timeout").Headers.ContainsKey("Retry-After").ShouldBeTrue();
        stall.Release();

        // The same request again tells what became of it.
        (await PutAsync()).Status.ShouldBe(HttpStatusCode.Created);
        (await api.GetAsync("profiles/alice")).Version.ShouldBe(1);

        Task<ProfileAnswer> PutAsync() => api.PutAsync("profiles/alice", """{"document":{}}""", ("If-None-Match", "*"), ("Idempotency-Key", "x"));
    }

    [Fact]
    public async Task A_body_that_breaks_off_ends_its_request_only()
    {
        await using var server = await ProfileApi.StartAsync();
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(server.Http.BaseAddress!.Host, server.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
            var head = $"PATCH /api/v1/profiles/alice HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ProfileApi.ShopSecret}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"oper";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        }

        (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var server = await ProfileApi.StartAsync();
        await using var gameServer = await server.ConnectAsync(Streams.Tests.TestClient.AsGameServer());
        await gameServer.OpenAsync("alice");
        var stopping = server.App.StopAsync(TestContext.Current.CancellationToken);
        await gameServer.NextAsync(message => message.Draining is not null);
        (await ProfileApi.Of(server).GetAsync("profiles/alice")).ShouldBeOk();
        await gameServer.CloseAsync();
        await stopping;
    }

    [Fact]
    public async Task A_fault_of_the_server_is_told_as_one_and_nothing_of_it_gets_out()
    {
        var authorizer = new InterposedAuthorizer { Submitting = _ => throw new InvalidOperationException("the inside") };
        await using var server = await RunningServer.StartAsync(authorizer.AddTo, [.. ProfileApi.Keys, "--store", "memory"]);
        var answer = (await ProfileApi.Of(server).PatchAsync("profiles/alice", Add)).ShouldBeProblem(500, "server.internal");
        answer.Text.ShouldNotContain("inside");
        answer.Text.ShouldNotContain("Exception");
    }
}

internal static class Waiting
{
    /// <summary>Asks until something is so.</summary>
    public static async Task UntilAsync(this RunningServer server, Func<Task<bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(server);
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
            late.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Waits for what is only answered because it is late, by a clock that stands still otherwise.</summary>
    public static async Task<T> LateAsync<T>(this Task<T> answer, VirtualTime time)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(time);
        while (!answer.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await answer;
    }
}
