using System.Text.Json.Nodes;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>What is particular to checkpoints here: the row that is refused, the JSON copy, rows that come twice.</summary>
public sealed class PostgresCheckpointTests() : StoreTests(new PostgresTestDatabase())
{
    private PostgresTestDatabase Postgres => (PostgresTestDatabase)Database;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(99)]
    public async Task An_entity_that_the_database_refuses_is_named_and_the_rest_goes_in_without_it(int poison)
    {
        await Postgres.RunAsync("create function no() returns trigger language plpgsql as $$ begin raise 'poison'; end $$");
        await Postgres.RunAsync($"create trigger no before insert on entities for each row when (new.id = 'p{poison}') execute function no()");
        var entities = Enumerable.Range(0, 100).Select(i => Entity(new EntityKey("profile", $"p{i}"), i + 1)).ToList();

        var refused = await Should.ThrowAsync<StoreException>(
            async () => await Store.WriteCheckpointAsync(new CheckpointBatch(entities, [Snapshot(Alice, 1)], [new ShardState(0, 0, 7, 0, default)]), Cancel));

        refused.Key.ShouldBe(entities[poison].Key);
        (refused.Outcome, refused.IsTransient).ShouldBe((WriteOutcome.NotApplied, false));
        refused.Message.ShouldContain("poison");
        (await Postgres.RunAsync("select (select count(*) from entities) + (select count(*) from snapshots)")).ShouldBe("0");
        (await Store.ReadShardAsync(0, Cancel)).CheckpointSequence.ShouldBe(0);

        entities.RemoveAt(poison);
        await Store.WriteCheckpointAsync(Batch([.. entities]), Cancel);
        (await Postgres.RunAsync("select count(*) from entities")).ShouldBe("99");
    }

    [Fact]
    public async Task A_snapshot_that_the_database_refuses_is_named()
    {
        await Postgres.RunAsync("create function no() returns trigger language plpgsql as $$ begin raise 'poison'; end $$");
        await Postgres.RunAsync("create trigger no before insert on snapshots for each row when (new.id = 'bob') execute function no()");

        var refused = await Should.ThrowAsync<StoreException>(
            async () => await Store.WriteCheckpointAsync(new CheckpointBatch([Entity(Alice, 1), Entity(Bob, 2)], [Snapshot(Alice, 1), Snapshot(Bob, 1)], []), Cancel));

        refused.Key.ShouldBe(Bob);
    }

    [Fact]
    public async Task Of_an_entity_that_comes_twice_the_newer_is_written()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 9), Entity(Bob, 1), Entity(Alice, 3)), Cancel);

        (await ReadAsync(Alice))!.Sequence.ShouldBe(9);
        (await ReadAsync(Bob))!.Sequence.ShouldBe(1);
    }

    [Fact]
    public async Task A_document_can_be_queried_as_JSON()
    {
        var document = new Document();
        var delta = new DeltaWriter();
        delta.Set("gold", 1_000_000L);
        delta.Set("luck", 0.5);
        delta.Set("name", "Zoë \"the ü\" 😀");
        delta.Set("born", new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
        delta.Set("key", Value.From(new byte[] { 1, 2, 255 }));
        delta.Set("tags", Value.FromList(true, "x"));
        Delta.Apply(document, delta.ToArray());
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 1) with { Document = document.ToBytes() }, Entity(Bob, 2)), Cancel);

        var json = JsonNode.Parse(await Postgres.RunAsync("select json from entities where kind = 'profile' and json @> '{\"gold\": 1000000}'"));

        JsonNode.DeepEquals(json, JsonNode.Parse("""
            { "gold": 1000000, "luck": 0.5, "name": "Zoë \"the ü\" 😀", "born": "2026-01-31T12:00:00Z", "key": "AQL/", "tags": [true, "x"] }
            """)).ShouldBeTrue(json!.ToJsonString());
        (await Postgres.RunAsync("select id from entities where json is null")).ShouldBe("bob", "bytes that are no document have no copy");

        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 3) with { Document = null }), Cancel);
        (await Postgres.RunAsync("select count(*) from entities where json is not null")).ShouldBe("0");
    }

    [Fact]
    public async Task A_kind_without_JSON_has_none()
    {
        await using var store = Postgres.NewStore(new PostgresStoreOptions { ConnectionString = Postgres.ConnectionString(), KindsWithoutJson = { "character" } });
        await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel);
        var empty = new Document().ToBytes();
        await store.WriteCheckpointAsync(Batch(Entity(Alice, 1) with { Document = empty }, Entity(new EntityKey("character", "alice"), 2) with { Document = empty }), Cancel);

        (await Postgres.RunAsync("select kind from entities where json is not null")).ShouldBe("profile");
    }
}
