using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Engine;
using Savepoint.Engine.Databases;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Server.Tests;

/// <summary>Metrics are the process's: while other servers run in it, theirs are among them.</summary>
[Collection(nameof(AloneInTheProcess))]
public class SeveralDatabasesTests
{
    [Fact]
    public async Task A_server_of_two_databases_stays_ready_while_one_works_and_says_which_does_not()
    {
        StoreFaults[] faults = [new(), new()];
        await using var server = await RunningServer.StartAsync(builder => builder.Services.AddSingleton(new ShardDatabases(
            new[] { new ShardRange(0, 31), new ShardRange(32, 63) }.Select((range, i) => new ShardDatabase(range, new FaultyStore(new MemoryStore(new MemoryDatabase()), faults[i]))),
            shardCount: 64)));
        faults[1].IsDown = true;
        try
        {
            var response = await server.Http.GetAsync("/health/ready", TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            var body = await response.Content.ReadFromJsonAsync<JsonObject>(TestContext.Current.CancellationToken);
            body!["checks"]!["store"]!.GetValue<string>().ShouldBe("degraded");
            body["details"]!["store"]!.GetValue<string>().ShouldBe("The database of the shards 32-63 can't be written to.");
            var metrics = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
            metrics.ShouldContain("savepoint_shards_served{database=\"0-31\"} 32");
            metrics.ShouldContain("savepoint_shards_served{database=\"32-63\"} 32");
        }
        finally
        {
            // The last checkpoint would wait for it.
            faults[1].IsDown = false;
        }
    }
}

[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public static class AloneInTheProcess;
