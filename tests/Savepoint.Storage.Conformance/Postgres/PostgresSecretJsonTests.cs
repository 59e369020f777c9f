using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>Databases that were written when kinds with secrets still had a JSON copy.</summary>
public sealed class PostgresSecretJsonTests : IAsyncLifetime
{
    private static readonly StoreOpenOptions Options = new(8, Guid.AllBitsSet, DateTimeOffset.UnixEpoch);

    private readonly PostgresTestDatabase _database = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _database.CreateAsync();

    public async ValueTask DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Copies_of_secrets_go_once_with_the_first_start_whoever_starts_first()
    {
        await OpenAndCloseAsync();
        await _database.RunAsync("""
            insert into entities (shard, kind, id, version, sequence, document, metadata, at, json)
            select shard, kind, 'ada' || shard, 1, 1, 'x', '', now(), '{"hash":"$argon2id$"}' from shards, (values ('sp-account'), ('sp-identity'), ('profile'), ('sp-audit')) as kinds (kind);
            delete from schema_version where version > 4
            """);
        await Task.WhenAll(OpenAndCloseAsync(), OpenAndCloseAsync(), OpenAndCloseAsync());
        (await _database.RunAsync("select kind, count(json), count(document) from entities group by kind order by kind")).ShouldBe("profile|8|8\nsp-account|0|8\nsp-audit|8|8\nsp-identity|0|8");
        (await _database.RunAsync("select count(*) from schema_version where name like '%secret%'")).ShouldBe("1");
    }

    private async Task OpenAndCloseAsync()
    {
        await using var store = _database.NewStore();
        (await store.OpenAsync(Options, Cancel)).ShouldNotBeNull();
    }
}
