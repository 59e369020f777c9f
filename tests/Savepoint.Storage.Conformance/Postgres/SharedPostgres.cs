using Savepoint.Storage.Conformance.Postgres;
using Savepoint.Testing;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>One server for the whole run, started by the first test that needs it; each test has a database of its own.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Server = new(() => PostgresServer.StartAsync());

    public static Task<PostgresServer> GetAsync() => Server.Value;

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated)
            await (await Server.Value).DisposeAsync();
    }
}
