using Savepoint.Engine;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Sqlite;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Storage.Sqlite.Schema;

namespace Savepoint.Storage.Conformance.Sqlite;

/// <summary>What only a file can meet: other programs, other versions, a full disk, damage.</summary>
public sealed class SqliteFileTests : StoreTests
{
    private readonly SqliteTestDatabase _database;

    public SqliteFileTests()
        : this(new SqliteTestDatabase())
    {
    }

    private SqliteFileTests(SqliteTestDatabase database)
        : base(database) => _database = database;

    private SqliteStore Sqlite => (SqliteStore)Store;

    [Fact]
    public async Task A_second_store_is_refused_while_the_first_is_open()
    {
        var exception = await OpeningFailsAsync(Database.NewStore());
        exception.Message.ShouldContain("locked by another process");
        exception.IsTransient.ShouldBeTrue();

        await ReopenAsync();
    }

    [Fact]
    public async Task A_refused_opening_leaves_no_lock_behind()
    {
        await Store.DisposeAsync();
        await using (var other = Database.NewStore())
            await Should.ThrowAsync<StoreException>(async () => await other.OpenAsync(new StoreOpenOptions(ShardCount * 2, DatabaseId, Noon), Cancel));

        await ReopenAsync();
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await Store.DisposeAsync();
        var newer = Migrations.All[^1].Version + 1;
        SqliteFile.Run(_database.Path, $"insert into schema_version values ({newer}, 'of the future', 0)");

        var exception = await OpeningFailsAsync(Database.NewStore());

        exception.Message.ShouldContain($"schema version {newer}");
        exception.IsTransient.ShouldBeFalse();
    }

    [Fact]
    public async Task Every_applied_migration_is_recorded()
    {
        await Store.DisposeAsync();

        SqliteFile.Read(_database.Path, "select group_concat(name) from schema_version").ShouldBe(string.Join(',', Migrations.All.Select(migration => migration.Name)));
        Migrations.All.Select(migration => migration.Version).ShouldBe(Enumerable.Range(1, Migrations.All.Count));
    }

    [Fact]
    public async Task A_migration_that_fails_changes_nothing()
    {
        await using var database = new SqliteTestDatabase();
        SqliteFile.Run(database.Path, $"pragma application_id = {0x53565054}; create table schema_version (version integer primary key, name text, applied_at integer); create table snapshots (x)");

        await OpeningFailsAsync(database.NewStore());

        SqliteFile.Read(database.Path, "select group_concat(name) from sqlite_schema").ShouldBe("schema_version,snapshots");
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused()
    {
        await using var database = new SqliteTestDatabase();
        SqliteFile.Run(database.Path, "create table other (x)");

        (await OpeningFailsAsync(database.NewStore())).Message.ShouldContain("another program");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused()
    {
        await using var database = new SqliteTestDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(database.Path)!);
        await File.WriteAllBytesAsync(database.Path, Bytes(10_000), Cancel);

        (await OpeningFailsAsync(database.NewStore())).IsTransient.ShouldBeFalse();
    }

    [Fact]
    public async Task A_database_that_cant_have_a_log_is_refused()
    {
        await using var database = new SqliteTestDatabase();
        SqliteFile.Run(database.Path, "pragma journal_mode = delete; pragma user_version = 1");
        using var other = Connection.Open(database.Path, readOnly: true);
        other.RunScript("begin");
        other.Scalar("select count(*) from sqlite_schema");

        await OpeningFailsAsync(database.NewStore(new SqliteStoreOptions { Path = database.Path, BusyTimeout = TimeSpan.Zero }));

        SqliteFile.Read(database.Path, "pragma journal_mode").ShouldBe("delete");
    }

    [Fact]
    public async Task Memory_in_place_of_a_file_is_refused_as_not_durable()
    {
        await using var database = new SqliteTestDatabase();
        var factory = new ConnectionFactory(new SqliteStoreOptions { Path = ":memory:" });

        Should.Throw<StoreException>(() => factory.OpenWriter()).Message.ShouldContain("can't be made durable");
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_and_takes_them_again_when_it_has_space()
    {
        await AppendAsync(0, 1, 1);
        await Sqlite.SetMaxPagesAsync(1); // Raised by SQLite to what the file has.
        var refused = await FillAsync();

        refused.Outcome.ShouldBe(WriteOutcome.NotApplied);
        refused.IsTransient.ShouldBeTrue();
        var tail = (await Store.ReadTailAsync(0, Cancel))!.Value.LastSequence;
        (await FirstSequencesAsync(0)).ShouldBe(Enumerable.Range(1, (int)tail).Select(i => (long)i));

        await Sqlite.SetMaxPagesAsync(1_000_000);
        await AppendAsync(0, tail + 1, tail + 1, payloadBytes: 100_000);
        await ReopenAsync();
        (await Store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(tail + 1);
    }

    [Fact]
    public async Task A_full_disk_refuses_a_checkpoint_whole_and_blames_no_entity()
    {
        await Sqlite.SetMaxPagesAsync(1);
        await FillAsync();
        var batch = new CheckpointBatch(
            [Entity(Alice, 1), Entity(Bob, 2) with { Document = Bytes(200_000) }], [Snapshot(Alice, 1)], [new ShardState(0, 0, 2, 2, default)]);

        var refused = await Should.ThrowAsync<StoreException>(async () => await Store.WriteCheckpointAsync(batch, Cancel));

        refused.IsTransient.ShouldBeTrue();
        refused.Outcome.ShouldBe(WriteOutcome.NotApplied);
        refused.Key.ShouldBeNull();
        (await ReadAsync(Alice)).ShouldBeNull();
        (await Store.ReadShardAsync(0, Cancel)).CheckpointSequence.ShouldBe(0);

        await Sqlite.SetMaxPagesAsync(1_000_000);
        await Store.WriteCheckpointAsync(batch, Cancel);
        (await ReadAsync(Bob))!.Document!.Value.Length.ShouldBe(200_000);
    }

    [Fact]
    public async Task An_entity_that_the_database_refuses_is_named_and_the_rest_goes_in_without_it()
    {
        await Store.DisposeAsync();
        SqliteFile.Run(_database.Path, "create trigger poison before insert on entities when new.id = 'bob' begin select raise(abort, 'poison'); end");
        await ReopenAsync();

        var refused = await Should.ThrowAsync<StoreException>(
            async () => await Store.WriteCheckpointAsync(new CheckpointBatch([Entity(Alice, 1), Entity(Bob, 2)], [Snapshot(Alice, 1)], []), Cancel));

        refused.Key.ShouldBe(Bob);
        refused.Outcome.ShouldBe(WriteOutcome.NotApplied);
        refused.IsTransient.ShouldBeFalse();
        (await ReadAsync(Alice)).ShouldBeNull();
        (await Store.ReadSnapshotAtOrBelowAsync(0, Alice, 9, Cancel)).ShouldBeNull();
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 1)), Cancel);
        (await ReadAsync(Alice)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_lock_of_another_program_is_transient()
    {
        await Store.DisposeAsync();
        await using var store = _database.NewStore(new SqliteStoreOptions { Path = _database.Path, BusyTimeout = TimeSpan.FromMilliseconds(1) });
        await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel);
        using (var shell = Connection.Open(_database.Path, readOnly: false))
        {
            shell.RunScript("begin immediate");
            var refused = await Should.ThrowAsync<StoreException>(async () => await store.AppendAsync([Segment(0, 1, 1)], Cancel));
            refused.IsTransient.ShouldBeTrue();
            refused.Outcome.ShouldBe(WriteOutcome.NotApplied);
            await Should.ThrowAsync<StoreException>(async () => await store.CheckAsync(Cancel));
            (await store.ReadTailAsync(0, Cancel)).ShouldBeNull();
            shell.RunScript("rollback");
        }

        await store.AppendAsync([Segment(0, 1, 1)], Cancel);
        await store.CheckAsync(Cancel);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_for_its_turn_never_happens()
    {
        using var shell = Connection.Open(_database.Path, readOnly: false);
        using var cancellation = new CancellationTokenSource();
        shell.RunScript("begin immediate");
        var append = Store.AppendAsync([Segment(0, 1, 1)], Cancel).AsTask();
        var checkpoint = Store.WriteCheckpointAsync(Batch(Entity(Alice, 1)), cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(checkpoint);
        append.IsCompleted.ShouldBeFalse();

        shell.RunScript("rollback");
        await append;
        await Store.CheckAsync(Cancel); // Comes after the checkpoint would have.
        (await ReadAsync(Alice)).ShouldBeNull();
    }

    [Fact]
    public async Task Damage_is_reported_as_not_transient_and_never_as_missing()
    {
        var keys = Enumerable.Range(0, 2_000).Select(i => new EntityKey("profile", $"p{i:D5}")).ToList();
        await Store.WriteCheckpointAsync(Batch([.. keys.Select((key, i) => Entity(key, i + 1))]), Cancel);
        await Store.DisposeAsync();
        DamagePagesOf("entities");
        await ReopenAsync();

        var (read, failed) = (0, 0);
        foreach (var key in keys)
        {
            try
            {
                (await ReadAsync(key)).ShouldNotBeNull().Key.ShouldBe(key);
                read++;
            }
            catch (StoreException exception)
            {
                exception.IsTransient.ShouldBeFalse();
                failed++;
            }
        }

        failed.ShouldBeGreaterThan(0);
        read.ShouldBeGreaterThan(0);
        await AppendAsync(0, 1, 1);
    }

    [Fact]
    public async Task A_log_left_by_a_killed_process_is_read_on_opening()
    {
        await AppendAsync(0, 1, 10);
        await Store.WriteCheckpointAsync(Batch(Entity(Alice, 7)), Cancel);
        await using var killed = new SqliteTestDatabase();
        Directory.CreateDirectory(Path.GetDirectoryName(killed.Path)!);
        foreach (var suffix in new[] { "", "-wal" }) CopyShared(_database.Path + suffix, killed.Path + suffix);
        new FileInfo(killed.Path + "-wal").Length.ShouldBeGreaterThan(0);

        await using var store = killed.NewStore();
        await store.OpenAsync(new StoreOpenOptions(ShardCount, Guid.AllBitsSet, Noon), Cancel);

        (await store.ReadTailAsync(0, Cancel))!.Value.LastSequence.ShouldBe(10);
        (await store.ReadEntityAsync(0, Alice, Cancel)).ShouldBeSameAs(Entity(Alice, 7));
    }

    [Fact]
    public async Task The_log_does_not_grow_without_bound_though_there_is_always_a_reader()
    {
        await Store.DisposeAsync();
        var options = new SqliteStoreOptions { Path = _database.Path, WalCheckpointBytes = 1 << 16, MaxWalBytes = 1 << 20 };
        await using var store = _database.NewStore(options);
        await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel);
        using var end = new CancellationTokenSource();
        var readers = Task.Run(() => ReadAlways(end.Token), Cancel);

        long largest = 0;
        for (var i = 1; i <= 300; i++)
        {
            await store.AppendAsync([Segment(0, i, i, payloadBytes: 50_000)], Cancel);
            largest = Math.Max(largest, new FileInfo(_database.Path + "-wal").Length);
        }

        await end.CancelAsync();
        await readers;
        largest.ShouldBeLessThan(4 << 20); // 15 MB were written.
    }

    [Fact]
    public async Task Closing_leaves_one_file_with_everything_in_it()
    {
        await AppendAsync(0, 1, 10);
        await Store.DisposeAsync();

        File.Exists(_database.Path + "-wal").ShouldBeFalse();
        SqliteFile.Read(_database.Path, "select max(last_seq) from journal").ShouldBe("10");
        SqliteFile.Read(_database.Path, "pragma integrity_check").ShouldBe("ok");
    }

    private static async Task<StoreException> OpeningFailsAsync(IStore store)
    {
        await using (store)
            return await Should.ThrowAsync<StoreException>(async () => await store.OpenAsync(new StoreOpenOptions(ShardCount, DatabaseId, Noon), Cancel));
    }

    /// <summary>Two connections whose transactions overlap, so that the log is in use at every moment.</summary>
    private void ReadAlways(CancellationToken end)
    {
        using var first = Connection.Open(_database.Path, readOnly: true);
        using var second = Connection.Open(_database.Path, readOnly: true);
        Begin(first);
        while (!end.IsCancellationRequested)
        {
            Begin(second);
            first.Run("rollback");
            Begin(first);
            second.Run("rollback");
        }

        static void Begin(Connection connection)
        {
            connection.Run("begin");
            connection.Scalar("select max(last_seq) from journal");
        }
    }

    /// <summary>Appends until the store refuses.</summary>
    private async Task<StoreException> FillAsync()
    {
        while (true)
        {
            try
            {
                var next = ((await Store.ReadTailAsync(0, Cancel))?.LastSequence ?? 0) + 1;
                next.ShouldBeLessThan(100, "The limit is not in force.");
                await AppendAsync(0, next, next, payloadBytes: 20_000);
            }
            catch (StoreException exception)
            {
                return exception;
            }
        }
    }

    // Overwrites the beginning of every other page of a table, where the tree keeps its structure; its content has no checksum.
    private void DamagePagesOf(string table)
    {
        var pages = SqliteFile.Read(_database.Path, $"select group_concat(pageno) from dbstat where name = '{table}' and pagetype = 'leaf' and pageno % 2 = 0")!;
        using var file = new FileStream(_database.Path, FileMode.Open, FileAccess.Write);
        foreach (var page in pages.Split(',').Select(long.Parse))
        {
            file.Position = (page - 1) * ConnectionFactory.PageBytes;
            file.Write(new byte[16]);
        }
    }

    // Closing our handle drops this process's locks on the file: for a store that only has to close any more.
    private static void CopyShared(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.CreateNew);
        source.CopyTo(target);
    }
}
