using Microsoft.Data.Sqlite;
using Savepoint.Documents;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Bench;

/// <summary>What the same mutations cost without the engine, in the same run on the same machine.</summary>
internal static class MutationBaseline
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>The name and the rate of the baseline for a store.</summary>
    public static (string Name, double PerSecond) Run(string store, int accounts) => store == "memory"
        ? ("documents in a locked dictionary: no versions, no journal, no answers", Dictionary(accounts))
        : ("sqlite, one row per mutation, 1,000 rows per transaction", Rows(accounts));

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
        const int rowsPerTransaction = 1_000;
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
            return rowsPerTransaction * Rate(() =>
            {
                using var transaction = connection.BeginTransaction();
                insert.Transaction = transaction;
                for (var row = 0; row < rowsPerTransaction; row++)
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

    private static double Rate(Action one)
    {
        var started = TimeProvider.System.GetTimestamp();
        long count = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Duration; count++)
            one();
        return count / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }
}
