using Microsoft.Data.Sqlite;
using Savepoint.Client;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;
using Savepoint.Protocol;
using Savepoint.Storage.Sqlite.Native;
using Savepoint.Streams.Tests;
using Path = System.IO.Path;

namespace Savepoint.Server.Tests.Kinds;

/// <summary>P9, from the bytes in the database to what the SDK says: what can't be read, or not be migrated, never becomes defaults.</summary>
public sealed class LoadFailureTests : IDisposable
{
    private static readonly string[] Args = ["--Savepoint:Store=Sqlite"];
    private static readonly Template Defaults = new(new Document(new MapBuilder { ["gold"] = 100L }.Build()));

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_profile_whose_bytes_are_damaged_is_refused_and_kept()
    {
        await StoreAsync();
        var damaged = Document();
        damaged[^1] ^= 0xFF;
        damaged[1] ^= 0xFF;
        Replace(damaged);

        await using (var server = await RunningServer.StartAsync(_data, Args))
        {
            await using var game = await ConnectAsync(server);
            foreach (var attempt in Attempts(game))
                (await Should.ThrowAsync<SavepointException>(attempt)).ShouldSatisfyAllConditions(error => error.Code.ShouldBe(ErrorCodes.Quarantined), error => error.IsTransient.ShouldBeFalse());
        }

        Document().ShouldBe(damaged);
        await using var again = await RunningServer.StartAsync(_data, Args);
        await using var other = await ConnectAsync(again);
        (await Should.ThrowAsync<SavepointException>(() => OpenAsync(other))).Code.ShouldBe(ErrorCodes.Quarantined);
    }

    [Fact]
    public async Task A_profile_whose_migration_throws_is_refused_kept_and_there_once_that_is_mended()
    {
        await StoreAsync();
        var before = Document();
        await using (var server = await RunningServer.StartAsync(_data, Args, Broken))
        {
            await using var game = await ConnectAsync(server);
            foreach (var attempt in Attempts(game))
            {
                var error = await Should.ThrowAsync<SavepointException>(attempt);
                (error.Code, error.IsTransient, error.Kind, error.Id).ShouldBe((ErrorCodes.HookFailed, false, "profile", "alice"));
                error.Message.ShouldContain("migration from 0: DivideByZeroException");
                error.Message.ShouldNotContain("secret");
            }
        }

        Document().ShouldBe(before);
        await using var mended = await RunningServer.StartAsync(_data, Args, Mended);
        await using var again = await ConnectAsync(mended);
        var profile = (await OpenAsync(again)).ProfileOrThrow();
        (profile["gold"].AsInt64(), profile.IsNew).ShouldBe((14L, false));
    }

    private static Task<SessionOpenResult<Untyped>> OpenAsync(SavepointClient client) => client.Store("profile", Defaults).OpenSessionAsync("alice", cancellationToken: Cancelled);

    /// <summary>Whatever a game server may want of a profile.</summary>
    private static IEnumerable<Func<Task>> Attempts(SavepointClient client) =>
    [
        () => OpenAsync(client),
        () => client.Store("profile").ViewAsync("alice", cancellationToken: Cancelled),
        () => client.TransactAsync(unit => unit.Change("profile", "alice", delta => delta.Increment("gold", 1)), cancellationToken: Cancelled),
        () => client.Store("profile").WatchAsync("alice", TimeSpan.Zero, Cancelled),
    ];

    private static void Broken(SavepointBuilder savepoint) =>
        savepoint.AddKind("profile", kind => kind.TemplateVersion(1).Migration(0, _ => throw new DivideByZeroException("a secret of the studio")));

    private static void Mended(SavepointBuilder savepoint) =>
        savepoint.AddKind("profile", kind => kind.TemplateVersion(1).Migration(0, context => context.Delta.Increment("gold", context.Document.Root["gold"].AsInt64())));

    private static Task<SavepointClient> ConnectAsync(RunningServer server) => SavepointClient.ConnectAsync(
        new SavepointClientOptions { Endpoint = server.StreamAddress, Credentials = new GameServerCredentials("eu-1", TestClient.Secret) }, Cancelled);

    private async Task StoreAsync()
    {
        await using var server = await RunningServer.StartAsync(_data, Args);
        await using var game = await ConnectAsync(server);
        await game.TransactAsync(unit => unit.Change("profile", "alice", delta => delta.Set("gold", 7L)), cancellationToken: Cancelled);
    }

    private byte[] Document() => Query("select document from entities where kind = 'profile' and id = 'alice'", command => (byte[])command.ExecuteScalar()!);

    private void Replace(byte[] document) => Query("update entities set document = $document where kind = 'profile' and id = 'alice'", command =>
    {
        command.Parameters.AddWithValue("$document", document);
        return command.ExecuteNonQuery();
    }).ShouldBe(1);

    private T Query<T>(string sql, Func<SqliteCommand, T> run)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_data.FullName, "savepoint.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return run(command);
    }
}
