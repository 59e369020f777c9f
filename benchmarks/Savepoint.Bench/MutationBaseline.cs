using Microsoft.Data.Sqlite;
using Npgsql;
using Savepoint.Documents;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Bench;

/// <summary>What the same mutations cost without the engine, in the same run on the same machine.</summary>
internal static class MutationBaseline
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    private const int RowsPerTransaction = 1_000;

    /// <summary>The name and the rate of the baseline for a store.</summary>
    public static async Task<(string Name, double PerSecond)> RunAsync(string store, PrivatePostgres? postgres, int accounts)
    {
        if (postgres is not null)
            return ($"postgresql, one row per mutation, {RowsPerTransaction:N0} rows per transaction by copy", await CopiedRowsAsync(postgres, accounts));
        return store == "memory"
            ? ("documents in a locked dictionary: no versions, no journal, no answers", Dictionary(accounts))
            : ($"sqlite, one row per mutation, {RowsPerTransaction:N0} rows per transaction", Rows(accounts));
    }

    private static double Dictionary(int accounts)
    {
        var documents = new Dictionary<string, Document>(StringComparer.Ordinal);
        var ids = Enumerable.Range(0, accounts).Select(Accounts.Id).ToArray();
        foreach (var id in ids)
        {
            documents[id] = new Document();
            Delta.Apply(documents[id], Accounts.OpeningDelta());
        }

        var (random, undo, delta, gate) = (new Random(1), new UndoLog(), Accounts.Earn(1), new Lock());
        return Rate(() =>
        {
            lock (gate)
                Delta.TryApply(documents[ids[random.Next(ids.Length)]], delta, DocumentLimits.Default, undo);
            undo.Clear();
        });
    }

    private static double Rows(int accounts)
    {
        SqliteLibrary.Load();
        var file = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"savepoint-baseline-{Environment.ProcessId}.db");
        try
        {
            using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            connection.Open();
            using var setUp = connection.CreateCommand();
            setUp.CommandText = "pragma journal_mode = wal; pragma synchronous = full; create table change (seq integer primary key, id text not null, at integer not null, delta blob not null)";
            setUp.ExecuteNonQuery();
            using var insert = connection.CreateCommand();
            insert.CommandText = "insert into change (id, at, delta) values ($id, $at, $delta)";
            var id = insert.Parameters.Add("$id", SqliteType.Text);
            insert.Parameters.AddWithValue("$at", DateTime.UtcNow.Ticks);
            insert.Parameters.AddWithValue("$delta", Accounts.Earn(1));
            var ids = Enumerable.Range(0, accounts).Select(Accounts.Id).ToArray();
            var random = new Random(1);
            return RowsPerTransaction * Rate(() =>
            {
                using var transaction = connection.BeginTransaction();
                insert.Transaction = transaction;
                for (var row = 0; row < RowsPerTransaction; row++)
                {
                    id.Value = ids[random.Next(ids.Length)];
                    insert.ExecuteNonQuery();
                }

                transaction.Commit();
            });
        }
        finally
        {
            foreach (var left in System.IO.Directory.GetFiles(System.IO.Path.GetTempPath(), System.IO.Path.GetFileName(file) + "*"))
                System.IO.File.Delete(left);
        }
    }

    private static async Task<double> CopiedRowsAsync(PrivatePostgres postgres, int accounts)
    {
        await using var source = NpgsqlDataSource.Create(postgres.ConnectionString);
        await using var setUp = source.CreateCommand("create table change (seq bigint generated always as identity primary key, id text not null, at timestamptz not null, delta bytea not null)");
        await setUp.ExecuteNonQueryAsync();
        await using var connection = await source.OpenConnectionAsync();
        var (ids, delta, at, random) = (Enumerable.Range(0, accounts).Select(Accounts.Id).ToArray(), Accounts.Earn(1), DateTime.UtcNow, new Random(1));
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Duration; count += RowsPerTransaction)
        {
            await using var copy = await connection.BeginBinaryImportAsync("copy change (id, at, delta) from stdin (format binary)");
            for (var row = 0; row < RowsPerTransaction; row++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(ids[random.Next(ids.Length)]);
                await copy.WriteAsync(at);
                await copy.WriteAsync(delta);
            }

            await copy.CompleteAsync();
        }

        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static double Rate(Action one)
    {
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Duration; count++)
            one();
        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
