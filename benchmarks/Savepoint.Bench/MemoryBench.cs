using Savepoint.Engine;

namespace Savepoint.Bench;

/// <summary><c>memory</c>: what an entity in memory costs, with a document of about 200 bytes, all of it counted: keys, tables, engine state.</summary>
internal static class MemoryBench
{
    public static async Task<int> RunAsync(int accounts)
    {
        await using var host = await EngineHost.StartAsync("sqlite", new EngineOptions { UnloadAfter = TimeSpan.FromHours(1) });
        await Accounts.CreateAsync(host.Engine, 1_000);
        var before = await SettledAsync(host.Engine);
        await Accounts.CreateAsync(host.Engine, 1_000, accounts);
        var after = await SettledAsync(host.Engine);

        var resident = host.Engine.Snapshot().ResidentEntities;
        var report = new BenchReport("memory")
            .With("store", "sqlite", "store")
            .With("entities", (long)accounts, "entities in memory")
            .With("documentBytes", await Accounts.SizeAsync(host.Engine), "bytes of one encoded document")
            .With("bytesPerEntity", (double)(after - before) / accounts, "bytes per entity");
        if (resident < accounts + 1_000)
            report.Fail($"only {resident:N0} entities are in memory");
        return report.Print();
    }

    /// <summary>Waits until all is checkpointed and no garbage is left.</summary>
    private static async Task<long> SettledAsync(StateEngine engine)
    {
        while (engine.Snapshot().UncheckpointedRecords > 0)
            await Task.Delay(100);
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
