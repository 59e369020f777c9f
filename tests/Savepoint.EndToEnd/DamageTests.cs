using System.Text.Json;
using Microsoft.Data.Sqlite;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.EndToEnd;

public class DamageTests
{
    private const string Kind = "profile";

    [Fact]
    public async Task A_damaged_segment_takes_its_shard_out_of_service_and_no_other()
    {
        // Without checkpoints all of it is in the journal only.
        await using var server = await TestServer.StartAsync(("Engine__SaveInterval", "01:00:00"), ("Engine__MaxSaveInterval", "01:00:00"));
        await using (var client = await server.ConnectAsync("gs-1"))
        {
            foreach (var id in new[] { "ada", "bob" })
                await client.TransactAsync(unit => unit.Change(Kind, id, delta => delta.Set("gold", 7L)), cancellationToken: TestContext.Current.CancellationToken);
        }

        await server.Process.KillAsync();
        var damaged = ShardHash.ShardOf("ada", 64);
        damaged.ShouldNotBe(ShardHash.ShardOf("bob", 64));
        Damage(server.Database, damaged);
        await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);

        await using var reader = await server.ConnectAsync("gs-2");
        var refusal = await Should.ThrowAsync<SavepointException>(() => reader.Store(Kind).ViewAsync("ada"));
        refusal.Code.ShouldBe("server.unavailable");
        refusal.Message.ShouldContain($"shard {damaged}, segment at sequence");
        (await Should.ThrowAsync<SavepointException>(() => reader.TransactAsync(unit => unit.Change(Kind, "ada", delta => delta.Set("gold", 1L)))))
            .Outcome.ShouldBe(RequestOutcome.NotApplied);
        (await reader.Store(Kind).ViewAsync("bob", cancellationToken: TestContext.Current.CancellationToken))!["gold"].AsInt64().ShouldBe(7);
    }

    [Fact]
    public async Task Terminating_the_server_loses_nothing_and_ends_with_exit_code_zero()
    {
        await using var server = await TestServer.StartAsync();
        await using (var client = await server.ConnectAsync("gs-1"))
        {
            var opened = await client.Store(Kind).OpenSessionAsync("ada", cancellationToken: TestContext.Current.CancellationToken);
            opened.ProfileOrThrow().Increment("gold", 5L);

            // Not saved: ending the session does it, also when it is the server that goes first.
            await client.ShutdownAsync();
        }

        (await server.Process.TerminateAsync(TestContext.Current.CancellationToken)).ShouldBe(0, server.Process.Output);
        await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
        await using var reader = await server.ConnectAsync("gs-2");
        (await reader.Store(Kind).ViewAsync("ada", cancellationToken: TestContext.Current.CancellationToken))!["gold"].AsInt64().ShouldBe(5);
    }

    /// <summary>Changes one byte in the middle of each segment of a shard that holds records.</summary>
    private static void Damage(string database, int shard)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        var payloads = new List<(long First, byte[] Payload)>();
        using (var select = connection.CreateCommand())
        {
            select.CommandText = "select first_seq, payload from journal where shard = $shard and length(payload) > 0";
            select.Parameters.AddWithValue("$shard", shard);
            using var rows = select.ExecuteReader();
            while (rows.Read())
                payloads.Add((rows.GetInt64(0), (byte[])rows[1]));
        }

        payloads.ShouldNotBeEmpty();
        foreach (var (first, payload) in payloads)
        {
            payload[payload.Length / 2] ^= 1;
            using var update = connection.CreateCommand();
            update.CommandText = "update journal set payload = $payload where shard = $shard and first_seq = $first";
            update.Parameters.AddWithValue("$payload", payload);
            update.Parameters.AddWithValue("$shard", shard);
            update.Parameters.AddWithValue("$first", first);
            update.ExecuteNonQuery().ShouldBe(1);
        }
    }
}
