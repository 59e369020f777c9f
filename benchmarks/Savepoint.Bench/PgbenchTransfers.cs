using System.Globalization;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>
/// One call of a plpgsql function per transfer, from 16 connections of <c>pgbench</c> with prepared statements, on a table of two columns in the same
/// PostgreSQL, every commit flushed.
/// </summary>
internal static class PgbenchTransfers
{
    public const string Name = "pgbench, prepared, 16 clients, a plpgsql function per transfer";

    private const int Clients = 16;
    private const int Seconds = 8;
    private const string Database = "baseline";

    // The lower id first, so that two transfers never wait for each other.
    private const string SetUp = """
        create table account (id integer primary key, gold bigint not null) with (fillfactor = 50);
        create function transfer(giver integer, taker integer) returns boolean language plpgsql as $$
        begin
            if giver = taker then return false; end if;
            perform 1 from account where id in (giver, taker) order by id for no key update;
            update account set gold = gold - 1 where id = giver and gold >= 1;
            if not found then return false; end if;
            update account set gold = gold + 1 where id = taker;
            return true;
        end $$;
        """;

    public static async Task<double> RunAsync(PrivatePostgres postgres, TransferSettings settings)
    {
        var server = postgres.Server;
        await server.CreateDatabaseAsync(Database);
        await server.RunAsync(Database, SetUp);
        await server.RunAsync(Database, $"insert into account select id, {Accounts.Opening} from generate_series(1, {settings.Accounts}) as id");
        await server.RunAsync(Database, "vacuum analyze account");
        await server.RunAsync(Database, "checkpoint");
        var output = await server.RunPgbenchAsync(Database, Script(settings), Clients, TimeSpan.FromSeconds(Seconds));
        var total = await server.RunAsync(Database, "select sum(gold) from account");
        return total == (settings.Accounts * Accounts.Opening).ToString(CultureInfo.InvariantCulture)
            ? PerSecond(output)
            : throw new InvalidOperationException($"The accounts of the baseline hold {total}.");
    }

    private static string Script(TransferSettings settings)
    {
        var draw = settings.Alpha == 0
            ? $"random(1, {settings.Accounts})"
            : string.Create(CultureInfo.InvariantCulture, $"random_zipfian(1, {settings.Accounts}, {settings.Alpha})");
        return $"\\set giver {draw}\n\\set taker {draw}\nselect transfer(:giver, :taker);\n";
    }

    /// <summary>Its line <c>tps = 18123.4 (without initial connection time)</c>.</summary>
    private static double PerSecond(string output)
    {
        var line = output.Split('\n').Single(line => line.StartsWith("tps = ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
    }
}
