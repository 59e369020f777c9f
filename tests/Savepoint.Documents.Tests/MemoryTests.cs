namespace Savepoint.Documents.Tests;

/// <summary>Measures the memory of the whole process, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class MemoryTestsAlone;

[Collection(nameof(MemoryTests))]
public sealed class MemoryTests(ITestOutputHelper output)
{
    [Fact]
    public void A_profile_of_1_KB_takes_less_than_4_KB_of_memory()
    {
        const int Profiles = 2000;
        var bytes = Profile().ToBytes();
        bytes.Length.ShouldBeInRange(1000, 1048);
        var profiles = new Document[Profiles];
        profiles[0] = Document.Decode(bytes);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Profiles; i++)
            profiles[i] = Document.Decode(bytes);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Profiles;
        output.WriteLine($"{bytes.Length} bytes encoded, {each} bytes in memory");
        each.ShouldBeLessThan(4096);
        GC.KeepAlive(profiles);
    }

    private static Document Profile()
    {
        var stats = new MapBuilder();
        foreach (var stat in new[] { "assists", "battles", "deaths", "distanceWalked", "kills", "questsDone", "secondsPlayed", "wins" })
            stats[stat] = 1000L + stat.Length;
        var items = Enumerable.Range(0, 11).Select(i =>
            (Value)new MapBuilder { ["count"] = i, ["durability"] = 0.75, ["id"] = $"item/sword-{i:000}", ["bound"] = true });
        var moment = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        var profile = new MapBuilder
        {
            ["created"] = moment,
            ["currency"] = new MapBuilder { ["gems"] = 50, ["gold"] = 123456, ["tokens"] = 3 },
            ["guild"] = "guild/the-silver-hand",
            ["items"] = Value.FromList(items),
            ["lastSeen"] = moment.AddDays(40),
            ["level"] = 42,
            ["name"] = "Ada of the Northern Reach",
            ["position"] = new MapBuilder { ["map"] = "world/harbour", ["x"] = 12.5, ["y"] = 0.25, ["z"] = -7.75 },
            ["settings"] = new MapBuilder { ["invertY"] = false, ["language"] = "en-GB", ["volume"] = 0.8 },
            ["stats"] = stats,
            ["title"] = "Warden of the Old Lighthouse",
            ["xp"] = 987654321,
        };
        return new Document(profile.Build());
    }
}
