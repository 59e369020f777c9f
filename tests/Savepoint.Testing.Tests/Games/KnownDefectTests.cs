using System.Globalization;
using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.Testing.Tests;

/// <summary>
/// What is known to go wrong elsewhere and has no test of its own nearer to the code: docs/reference/compared.md says where the others are. The production
/// server and SDK in the simulation.
/// </summary>
public sealed class KnownDefectTests
{
    private const string Kind = "profile";
    private static readonly Documents.Path Items = "items";

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public void A_full_read_leaves_no_surplus_list_items() => GameSimulation.Run(async sim =>
    {
        var server = await sim.ConnectAsync("server-1");
        var watched = await (await sim.ConnectPlayerAsync("ada")).Store(Kind).WatchAsync("ada", TimeSpan.Zero, None);
        await ChangeAsync(server, delta => delta.Set(Items, Numbers(100)));
        await sim.Delay(TimeSpan.FromSeconds(1));
        watched[Items].AsList().Count.ShouldBe(100);

        // The server forgets the deltas in between, so that the watcher gets all of it anew.
        sim.CrashServer();
        await sim.RestartServerAsync();
        await ChangeAsync(server, delta => delta.Set(Items, Numbers(3)));
        await sim.Delay(TimeSpan.FromSeconds(30));

        watched[Items].AsList().Select(item => item.AsInt64()).ShouldBe([0, 1, 2]);
        watched.ChecksumMismatches.ShouldBe(0);
    });

    [Fact]
    public void List_changes_of_every_sort_leave_watchers_and_server_with_the_same_bytes() => GameSimulation.Run(async sim =>
    {
        var random = new Random(7);
        var ada = await OpenAsync(await sim.ConnectAsync("server-1"));
        var watched = await (await sim.ConnectPlayerAsync("ada")).Store(Kind).WatchAsync("ada", TimeSpan.Zero, None);
        ada[Items] = Numbers(2);
        for (var change = 0; change < 300; change++)
        {
            var count = ada[Items].AsList().Count;
            var at = random.Next(count + 1);
            if (random.Next(3) > 0 || count == 0)
                ada.Insert(Items.Child(at), (long)change);
            else if (at < count)
                ada.Remove(Items.Child(at));
            if (random.Next(4) == 0)
                await ada.SaveAsync(None);
        }

        await ada.SaveAsync(None);
        await sim.Delay(TimeSpan.FromSeconds(1));
        watched.Copy().ToBytes().ShouldBe(ada.Copy().ToBytes());
        ((await (await sim.ConnectAsync("judge")).Store(Kind).ViewAsync("ada", cancellationToken: None))!.Document.ToBytes()).ShouldBe(ada.Copy().ToBytes());
        (watched.ChecksumMismatches, watched.Resyncs, ada.ChecksumMismatches).ShouldBe((0, 0, 0));
    });

    [Fact]
    public void A_change_travels_once_and_the_hundredth_is_as_small_as_the_first() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var ada = await OpenAsync(client);
        for (var change = 100; change < 200; change++)
        {
            ada["gold"] = (long)change;
            await ada.SaveAsync(None);
        }

        var sizes = new List<int>();
        await foreach (var version in client.Store(Kind).ListVersionsAsync("ada", new VersionQuery { FromVersion = 2 }, None))
            sizes.Add(version.DeltaBytes);
        sizes.Count.ShouldBe(100);
        sizes.Distinct().Count().ShouldBe(1);
    });

    [Fact]
    public void A_change_of_a_profile_that_is_not_in_memory_counts() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        await ChangeAsync(client, delta => delta.Increment("gold", 5L));
        await sim.Delay(TimeSpan.FromMinutes(5));
        await ChangeAsync(client, delta => delta.Increment("gold", 5L));
        await sim.RestartServerAsync();
        await ChangeAsync(client, delta => delta.Increment("gold", 5L));
        (await client.Store(Kind).ViewAsync("ada", cancellationToken: None))!["gold"].AsInt64().ShouldBe(15);
    });

    [Fact]
    public void A_player_who_comes_back_at_the_very_moment_of_the_unloading_finds_everything() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        var gold = 0L;
        for (var away = TimeSpan.FromSeconds(18); away < TimeSpan.FromSeconds(24); away += TimeSpan.FromMilliseconds(130))
        {
            var ada = await OpenAsync(client);
            (ada.TryGet("gold", out var kept) ? kept.AsInt64() : 0).ShouldBe(gold, $"after {away}");
            ada["gold"] = ++gold;
            await ada.EndSessionAsync(None);
            await sim.Delay(away);
        }
    });

    [Fact]
    public void A_contested_session_is_handed_over_in_under_a_second() => GameSimulation.Run(async sim =>
    {
        var (first, second) = (await sim.ConnectAsync("server-1"), await sim.ConnectAsync("server-2"));
        for (var hop = 0L; hop < 20; hop++)
        {
            var asked = sim.Time.GetUtcNow();
            var ada = await OpenAsync(hop % 2 == 0 ? first : second);
            (sim.Time.GetUtcNow() - asked).ShouldBeLessThan(TimeSpan.FromSeconds(1));
            (ada.TryGet("hops", out var hops) ? hops.AsInt64() : 0).ShouldBe(hop);
            ada["hops"] = hop + 1;
        }
    });

    [Fact]
    public void After_a_shutdown_the_next_server_need_not_wait() => GameSimulation.Run(async sim =>
    {
        var first = await sim.ConnectAsync("server-1");
        (await OpenAsync(first))["gold"] = 3L;
        await first.ShutdownAsync();
        first.IsClosing.ShouldBeTrue();

        var opened = await (await sim.ConnectAsync("server-2")).Store(Kind).OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Fail }, None);
        opened.ProfileOrThrow()["gold"].AsInt64().ShouldBe(3);
    });

    [Fact]
    public void What_is_not_a_number_is_refused_where_it_is_written_and_blocks_no_save() => GameSimulation.Run(async sim =>
    {
        var ada = await OpenAsync(await sim.ConnectAsync("server-1"));
        ada["speed"] = 1.5;
        Should.Throw<DocumentException>(() => ada["speed"] = double.NaN).Error.ShouldBe(DocumentError.NotFinite);
        Should.Throw<SavepointException>(() => ada.Increment("speed", double.PositiveInfinity)).Code.ShouldBe("document.not_finite");
        ada["gold"] = 2L;
        await ada.SaveAsync(None);
        (ada["speed"].AsDouble(), ada["gold"].AsInt64(), ada.HasUnsavedChanges).ShouldBe((1.5, 2, false));
    });

    [Fact]
    public void Dates_and_numbers_are_the_same_under_every_culture()
    {
        var document = new Document(new MapBuilder
        {
            ["when"] = new DateTimeOffset(2026, 2, 1, 13, 45, 6, 789, TimeSpan.Zero),
            ["far"] = -1234567.5,
            ["gold"] = -9876543210L,
        }.Build());
        var text = DocumentJson.ToText(document);
        var outer = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = Odd();
        try
        {
            0.5.ToString(CultureInfo.CurrentCulture).ShouldBe("0,5", "the culture is an odd one");
            DocumentJson.ToText(document).ShouldBe(text);
            DocumentJson.Parse(text).ToBytes().ShouldBe(document.ToBytes());
            Document.Decode(document.ToBytes()).ToBytes().ShouldBe(document.ToBytes());
        }
        finally
        {
            CultureInfo.CurrentCulture = outer;
        }
    }

    [Fact]
    public void What_is_saved_is_known_apart_from_what_is_not() => GameSimulation.Run(async sim =>
    {
        var ada = await OpenAsync(await sim.ConnectAsync("server-1"));
        ada["gold"] = 1L;
        await ada.SaveAsync(None);
        ada["gold"] = 2L;
        (ada.Copy().Get("gold").AsInt64(), ada.CopySaved().Get("gold").AsInt64()).ShouldBe((2, 1));
        await ada.SaveAsync(None);
        ada.CopySaved().ToBytes().ShouldBe(ada.Copy().ToBytes());
    });

    [Fact]
    public void The_session_number_counts_the_sessions_that_a_profile_has_had() => GameSimulation.Run(async sim =>
    {
        var client = await sim.ConnectAsync("server-1");
        for (var session = 1; session <= 3; session++)
        {
            var ada = await OpenAsync(client);
            (ada.SessionNumber, ada.IsNew).ShouldBe((session, session == 1));
            await ada.EndSessionAsync(None);
        }
    });

    private static CultureInfo Odd()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = "~";
        culture.DateTimeFormat.DateSeparator = "~";
        culture.DateTimeFormat.TimeSeparator = ".";
        culture.DateTimeFormat.ShortDatePattern = "dd~MM~yyyy";
        return culture;
    }

    private static Task<IReadOnlyList<long>> ChangeAsync(SavepointClient client, Action<DeltaWriter> write) =>
        client.TransactAsync(unit => unit.Change(Kind, "ada", write), cancellationToken: None);

    private static async Task<Profile<Untyped>> OpenAsync(SavepointClient client) =>
        (await client.Store(Kind).OpenSessionAsync("ada", cancellationToken: None)).ProfileOrThrow();

    private static Value Numbers(int count) => new ListValue(Enumerable.Range(0, count).Select(number => (Value)(long)number));
}
