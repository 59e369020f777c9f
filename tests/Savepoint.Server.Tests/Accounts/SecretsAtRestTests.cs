using Savepoint.Testing;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>What accounts keep, in a real PostgreSQL.</summary>
public sealed class SecretsAtRestTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_JSON_copy_shows_a_hash_or_an_address()
    {
        await using var postgres = await PostgresServer.StartAsync(cancellationToken: Cancelled);
        await postgres.CreateDatabaseAsync("savepoint", Cancelled);
        await using (var server = await AccountServer.StartAsync(
            "--store", "postgres", $"--Savepoint:Postgres:ConnectionString={postgres.ConnectionString("savepoint")}", "--Savepoint:Postgres:AllowUnsafeDurability=true"))
        {
            var ada = (await server.RegisterAsync("ada", deviceId: "device-of-ada-0001")).ShouldBe(201);
            (await server.PostAsync("/api/v1/characters", new { name = "Minsc", race = "human", @class = "fighter" }, ada.AccessToken)).ShouldBe(201);
        }

        // The last checkpoint has written all of it.
        (await postgres.RunAsync("savepoint", "select distinct kind from entities where kind in ('sp-account', 'sp-identity') order by 1", Cancelled)).ShouldBe("sp-account\nsp-identity");
        (await postgres.RunAsync("savepoint", "select distinct kind from entities where kind in ('sp-account', 'sp-identity', 'roster') and json is not null", Cancelled)).ShouldBe("roster");
    }
}
