using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Tests;
using Mutation = Savepoint.Engine.Units.Mutation;
using WireMutation = Savepoint.Protocol.Messages.Mutation;

namespace Savepoint.Server.Tests.Kinds;

/// <summary>Secret entities over every edge of the real server: even an admin is shown nothing of them.</summary>
public sealed class SecretKindTests
{
    private const string AdminSecret = "secret-of-an-admin";

    private static readonly EntityKey Vault = new("sp-vault", "alice");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_sees_and_changes_nothing_of_it_over_the_stream()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync(new Hello { GameServer = new GameServerCredentials { Name = "root", Secret = AdminSecret } });
        ClientMessage[] requests =
        [
            new() { Get = new Get { Kind = Vault.Kind, Id = Vault.Id } },
            new() { Get = new Get { Kind = Vault.Kind, Id = Vault.Id, Version = 1 } },
            new() { Watch = new Watch { Kind = Vault.Kind, Id = Vault.Id } },
            new() { ListVersions = new ListVersions { Kind = Vault.Kind, Id = Vault.Id } },
            new() { OpenSession = new OpenSession { Kind = Vault.Kind, Id = Vault.Id } },
            Requests.Unit(Requests.Set("alice", "hash", 1, mutation => mutation.Kind = Vault.Kind)),
            Requests.Unit(new WireMutation { Kind = Vault.Kind, Id = Vault.Id, Remove = true }),
            Requests.Unit(new WireMutation { Kind = Vault.Kind, Id = Vault.Id, RestoreVersion = 1 }),
            Requests.Unit(new WireMutation { Kind = Vault.Kind, Id = Vault.Id, Message = ByteString.CopyFrom([0]) }),
        ];
        foreach (var request in requests)
            (await client.RefusedAsync(request)).Code.ShouldBe(ErrorCodes.Forbidden, request.ToString());
    }

    [Fact]
    public async Task It_is_in_no_list_and_no_export_and_nobody_chooses_what_it_is_repaired_with()
    {
        await using var server = await StartAsync();
        using var admin = new HttpClient { BaseAddress = server.Http.BaseAddress };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminSecret);
        (await admin.GetStringAsync("/api/v1/users/alice/entities", Cancelled)).ShouldNotContain(Vault.Kind);
        var export = await admin.GetStringAsync("/api/v1/users/alice/export?reason=asked", Cancelled);
        JsonNode.Parse(export)!["complete"]!.GetValue<bool>().ShouldBeTrue();
        export.ShouldNotContain(Vault.Kind);
        export.ShouldNotContain("4711");
        foreach (var repair in new object[] { new { document = new { hash = 1 }, reason = "mine" }, new { version = 1, reason = "older" } })
        {
            using var answer = await admin.PostAsJsonAsync($"/api/v1/quarantine/{Vault.Kind}/{Vault.Id}/repair", repair, Cancelled);
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.Content.ReadAsStringAsync(Cancelled)).ShouldContain("it is secret");
        }
    }

    private static async Task<RunningServer> StartAsync()
    {
        var server = await RunningServer.StartAsync(
            Directory.CreateTempSubdirectory("savepoint-test-"),
            ["--store", "memory", $"--Savepoint:Access:Keys:0:Secret={AdminSecret}", "--Savepoint:Access:Keys:0:Role=Admin"],
            savepoint => savepoint.AddSystemKind(Vault.Kind, kind => kind.Secret().Intent("put", static context =>
            {
                context.Delta.Set("hash", 4711);
                return null;
            })));
        var unit = new Put { Mutations = [new Mutation { Key = Vault, Kind = MutationKind.Intent, Intent = "put", Payload = DocumentJson.Parse("{}").ToBytes() }], Actor = "server:test" };
        server.App.Services.GetRequiredService<IStateEngine>().Submit(unit);
        (await unit.Outcome.Task.WaitAsync(Cancelled)).ShouldBeNull();
        return server;
    }

    private sealed class Put : Savepoint.Engine.Units.Unit
    {
        public TaskCompletionSource<Refusal?> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void Completed(Refusal? refusal) => Outcome.SetResult(refusal);
    }
}
