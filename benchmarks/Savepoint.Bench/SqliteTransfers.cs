using Microsoft.Data.Sqlite;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Bench;

/// <summary>One durable SQLite transaction per transfer, in this process, without any network, on the settings that Savepoint uses (WAL, synchronous=FULL).</summary>
internal static class SqliteTransfers
{
    public const string Name = "sqlite, one transaction per transfer, in process";

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    public static double Run(TransferSettings settings)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("savepoint-baseline-");
        try
        {
            return Run(folder.FullName, settings);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Run(string folder, TransferSettings settings)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(folder, "baseline.db")};Pooling=False");
        connection.Open();
        Execute(connection, "pragma journal_mode = wal");
        Execute(connection, "pragma synchronous = full");
        Execute(connection, "create table account (id integer primary key, gold integer not null)");
        Execute(connection, $"with recursive n(i) as (select 0 union all select i + 1 from n where i < {settings.Accounts - 1}) insert into account select i, {Accounts.Opening} from n");

        var (skew, random) = (new Skew(settings.Accounts, settings.Alpha), new Random(1));
        using var change = connection.CreateCommand();
        change.CommandText = "update account set gold = gold + $amount where id = $id and gold + $amount >= 0";
        var id = change.Parameters.Add("$id", SqliteType.Integer);
        var amount = change.Parameters.Add("$amount", SqliteType.Integer);
        var started = TimeProvider.System.GetTimestamp();
        long transfers = 0;
        for (; TimeProvider.System.GetElapsedTime(started) < Duration; transfers++)
        {
            using var transaction = connection.BeginTransaction();
            change.Transaction = transaction;
            foreach (var one in new[] { -1, 1 })
            {
                (id.Value, amount.Value) = (skew.Draw(random), one);
                change.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return transfers / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Made here, of constants and numbers.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
