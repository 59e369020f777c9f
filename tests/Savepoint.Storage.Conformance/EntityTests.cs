using Savepoint.Engine;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class EntityTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task An_entity_that_was_never_checkpointed_is_null() => (await ReadAsync(Alice)).ShouldBeNull();

    [Fact]
    public async Task An_entity_comes_back_as_it_was_written()
    {
        var entity = Entity(Alice, sequence: 7, version: 3);
        await Store.WriteCheckpointAsync(Batch(entity), Cancel);

        (await ReadAsync(Alice)).ShouldBeSameAs(entity);
    }

    [Fact]
    public async Task A_tombstone_is_not_an_empty_document()
    {
        var tombstone = Entity(Alice, 7) with { Document = null };
        var empty = Entity(Bob, 8) with { Document = ReadOnlyMemory<byte>.Empty, Metadata = ReadOnlyMemory<byte>.Empty };
        await Store.WriteCheckpointAsync(Batch(tombstone, empty), Cancel);

        (await ReadAsync(Alice)).ShouldBeSameAs(tombstone);
        (await ReadAsync(Bob)).ShouldBeSameAs(empty);
    }

    [Fact]
    public async Task Ids_are_any_unicode_and_compared_by_their_bytes()
    {
        string[] ids = ["a", "A", "ä", "a\u0308", "é\u4e2d\ud83d\ude00", new('x', EntityKey.MaxIdLength), new('中', EntityKey.MaxIdLength), "'; drop table entities; --", " a", "a "];
        await Store.WriteCheckpointAsync(Batch([.. ids.Select((id, i) => Entity(new EntityKey("profile", id), i + 1))]), Cancel);

        for (var i = 0; i < ids.Length; i++) (await ReadAsync(new EntityKey("profile", ids[i]))).ShouldBeSameAs(Entity(new EntityKey("profile", ids[i]), i + 1));
    }

    [Fact]
    public async Task Kinds_and_shards_keep_entities_apart()
    {
        var character = new EntityKey("character", Alice.Id);
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 1), Entity(character, 2), Entity(Alice, 3, shard: 4)), Cancel);

        (await ReadAsync(Alice))!.Sequence.ShouldBe(1);
        (await ReadAsync(character))!.Sequence.ShouldBe(2);
        (await ReadAsync(Alice, shard: 4))!.Sequence.ShouldBe(3);
        (await ReadAsync(Alice, shard: 5)).ShouldBeNull();
    }

    [Fact]
    public async Task Reading_several_leaves_out_what_is_not_stored()
    {
        var others = Enumerable.Range(0, 300).Select(i => Entity(new EntityKey("profile", $"p{i}"), i + 1)).ToList();
        await Store.WriteCheckpointAsync(Batch([.. others]), Cancel);

        var read = await Store.ReadEntitiesAsync(0, [Alice, .. others.Select(entity => entity.Key), Bob], Cancel);

        read.Select(entity => entity.Key).ShouldBe(others.Select(entity => entity.Key), ignoreOrder: true);
        (await Store.ReadEntitiesAsync(0, [], Cancel)).ShouldBeEmpty();
        (await Store.ReadEntitiesAsync(1, [others[0].Key], Cancel)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    [InlineData(6, false)]
    public async Task An_entity_is_written_only_where_the_stored_sequence_number_is_lower(long sequence, bool isWritten)
    {
        var stored = Entity(Alice, 7, version: 3);
        var next = Entity(Alice, sequence, version: 3) with { Metadata = Bytes(9, seed: 99) };
        await Store.WriteCheckpointAsync(Batch(stored), Cancel);
        await Store.WriteCheckpointAsync(Batch(next, Entity(Bob, 1)), Cancel);

        (await ReadAsync(Alice)).ShouldBeSameAs(isWritten ? next : stored);
        (await ReadAsync(Bob)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_removed_entity_can_come_back()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 1)), Cancel);
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 2) with { Document = null }), Cancel);
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 3)), Cancel);

        (await ReadAsync(Alice)).ShouldBeSameAs(Entity(Alice, 3));
    }

    [Fact]
    public async Task Entities_of_a_kind_are_listed_in_the_order_of_their_ids_bytes_from_where_the_page_before_ended()
    {
        // By UTF-16 units the one with the surrogates would come before the one behind it.
        string[] ids = ["A", "a", "a ", "ab", "ä", "中", "\uffee", "\ud83d\ude00"];
        await Store.WriteCheckpointAsync(
            Batch([.. ids.Reverse().Select((id, i) => Entity(Profile(id), i + 1)), Entity(new EntityKey("character", "b"), 90), Entity(Profile("c"), 91, shard: 1)]), Cancel);

        List<string> listed = [];
        IReadOnlyList<ListedEntity> page;
        do
        {
            page = await Store.ListEntitiesAsync(new EntityRange(0, "profile", listed.LastOrDefault() ?? "", 3), Cancel);
            listed.AddRange(page.Select(entity => entity.Key.Id));
        }
        while (page.Count == 3);

        listed.ShouldBe(ids);
        listed.Order(Comparer<string>.Create(IdOrder.Compare)).ShouldBe(ids);
        (await Store.ListEntitiesAsync(new EntityRange(2, "profile", "", 3), Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_list_says_what_was_removed_and_what_can_not_be_read()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Profile("a"), 7, version: 3), Entity(Profile("b"), 8, version: 4) with { Document = null }), Cancel);
        await Store.QuarantineAsync(0, Profile("a"), "unreadable", Noon, Cancel);

        (await Store.ListEntitiesAsync(new EntityRange(0, "profile", "", 10), Cancel)).ShouldBe(
        [
            new ListedEntity(Profile("a"), 3, 7, true, "unreadable"),
            new ListedEntity(Profile("b"), 4, 8, false, null),
        ]);
    }

    [Fact]
    public async Task A_list_with_documents_ends_where_they_have_as_many_bytes_as_they_may()
    {
        StoredEntity[] entities = [Entity(Profile("a"), 1), Entity(Profile("b"), 2) with { Document = null }, Entity(Profile("c"), 3), Entity(Profile("d"), 4)];
        await Store.WriteCheckpointAsync(Batch(entities), Cancel);

        var page = await Store.ListEntitiesAsync(new EntityRange(0, "profile", "", 10) { DocumentBytes = 31 }, Cancel);

        page.Select(entity => entity.Key.Id).ShouldBe(["a", "b", "c"]);
        page.Select(entity => entity.Document?.ToArray()).ShouldBe(entities[..3].Select(entity => entity.Document?.ToArray()));
        (await Store.ListEntitiesAsync(new EntityRange(0, "profile", "c", 10) { DocumentBytes = 31 }, Cancel)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_quarantined_entity_is_kept_as_it_is_and_flagged()
    {
        var entity = Entity(Alice, 7);
        await Store.WriteCheckpointAsync(Batch(entity), Cancel);
        await Store.QuarantineAsync(0, Alice, "its bytes make no sense", Noon.AddHours(1), Cancel);

        (await ReadAsync(Alice)).ShouldBeSameAs(entity with { QuarantineError = "its bytes make no sense" });
    }

    [Fact]
    public async Task An_entity_that_was_never_checkpointed_can_be_quarantined()
    {
        await Store.QuarantineAsync(2, Alice, "unreadable", Noon, Cancel);

        (await ReadAsync(Alice, shard: 2)).ShouldBeSameAs(new StoredEntity(2, Alice, 0, 0, null, ReadOnlyMemory<byte>.Empty, Noon, "unreadable"));
    }

    [Fact]
    public async Task Writing_a_quarantined_entity_anew_takes_the_flag_away()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 7)), Cancel);
        await Store.QuarantineAsync(0, Alice, "unreadable", Noon, Cancel);

        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 7)), Cancel);
        (await ReadAsync(Alice))!.QuarantineError.ShouldNotBeNull();

        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 8)), Cancel);
        (await ReadAsync(Alice)).ShouldBeSameAs(Entity(Alice, 8));
    }

    [Fact]
    public async Task An_entity_is_flagged_whatever_the_error_says()
    {
        await Store.QuarantineAsync(0, Alice, "broken \0 text", Noon, Cancel);

        (await ReadAsync(Alice))!.QuarantineError!.ShouldEndWith(" text");
    }

    [Fact]
    public async Task Quarantined_entities_are_listed_in_pages()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Bob, 1), Entity(Alice, 2, shard: 3), Entity(new EntityKey("profile", "well"), 3)), Cancel);
        await Store.QuarantineAsync(0, Bob, "b", Noon, Cancel);
        await Store.QuarantineAsync(3, Alice, "a", Noon, Cancel);
        await Store.QuarantineAsync(0, new EntityKey("match", "zoe"), "z", Noon, Cancel);

        var first = await Store.ListQuarantinedAsync(null, 2, Cancel);
        var second = await Store.ListQuarantinedAsync(first[^1], 2, Cancel);

        first.Select(entity => entity.QuarantineError).ShouldBe(["z", "b"]);
        second.Select(entity => entity.QuarantineError).ShouldBe(["a"]);
        (await Store.ListQuarantinedAsync(second[^1], 2, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Reopening_keeps_entities()
    {
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 7), Entity(Bob, 8)), Cancel);
        await Store.QuarantineAsync(0, Bob, "unreadable", Noon, Cancel);

        await ReopenAsync();

        (await ReadAsync(Alice)).ShouldBeSameAs(Entity(Alice, 7));
        (await ReadAsync(Bob)).ShouldBeSameAs(Entity(Bob, 8, error: "unreadable"));
    }

    [Fact]
    public async Task Checkpoints_appends_and_reads_run_at_the_same_time()
    {
        var checkpoints = Task.Run(
            async () =>
            {
                for (var round = 1; round <= 50; round++)
                    await Store.WriteCheckpointAsync(Batch([.. Enumerable.Range(0, 50).Select(i => Entity(new EntityKey("profile", $"p{i}"), round))]), Cancel);
            },
            Cancel);
        var appends = Task.Run(
            async () =>
            {
                for (var i = 1; i <= 200; i++) await Store.AppendAsync([Segment(0, i, i)], Cancel);
            },
            Cancel);
        var reads = Enumerable.Range(0, 8).Select(reader => Task.Run(
            async () =>
            {
                long newest = 0;
                while (newest < 50)
                {
                    // A batch is one transaction, so no two entities of one read are of different batches.
                    var read = await Store.ReadEntitiesAsync(0, [.. Enumerable.Range(0, 50).Select(i => new EntityKey("profile", $"p{i}"))], Cancel);
                    read.Select(entity => entity.Sequence).Distinct().Count().ShouldBeLessThanOrEqualTo(1);
                    if (read.Count == 0) continue;
                    read[0].Sequence.ShouldBeGreaterThanOrEqualTo(newest);
                    newest = read[0].Sequence;
                }
            },
            Cancel));

        await Task.WhenAll([checkpoints, appends, .. reads]);
    }

    private static EntityKey Profile(string id) => new("profile", id);
}
