using Savepoint.Engine.Kinds;

namespace Savepoint.Client.Tests;

/// <summary>
/// What is wrong is refused by name, takes no effect, and stands in nobody's way: through the SDK, against the production server in the simulation. One line for each
/// mistake, with the row of the requirements that it is about.
/// </summary>
public sealed class BadInputTests
{
    private const string Kind = "profile";

    private static readonly Mistake[] Mistakes =
    [
        // P1: what a document may hold.
        new("P1 NaN", "document.not_finite", ada => ada.Change(data => data.Experience = double.NaN)),
        new("P1 infinity", "document.not_finite", ada => ada.Transact(delta => delta.Set("experience", double.PositiveInfinity))),
        new("P1 NUL in text", "document.invalid_string", ada => ada.Change(data => data.Name = "a\0b")),
        new("P1 half a surrogate pair", "document.invalid_string", ada => ada.Change(data => data.Name = "\ud800")),
        new("P1 key over 128", "document.key_too_long", ada => ada.Do(profile => profile[Path.Root.Child(new string('k', 129))] = 1L)),
        new("P1 key over 128, to the server", "document.key_too_long", ada => ada.Transact(delta => delta.Set(Path.Root.Child(new string('k', 129)), 1L))),
        new("P1 nested deeper than 16", "document.too_deep", ada => ada.Do(profile => profile["deep"] = Nested(17))),
        new("P1 document over 1 MiB", "document.too_large", ada => ada.Do(profile => profile["more"] = Blob(600 << 10)), ada => ada.Save(profile => profile["blob"] = Blob(600 << 10))),
        new("P1 document over 1 MiB, to the server", "document.too_large", ada => ada.Transact(delta => delta.Set("more", Blob(600 << 10))), ada => ada.Transact(delta => delta.Set("blob", Blob(600 << 10)))),
        new("P1 list over its limit", "document.too_many_items", ada => ada.Do(profile => profile["list"] = Numbers(16_385))),
        new("P1 list over its limit, to the server", "document.too_many_items", ada => ada.Transact(delta => delta.Set("list", Numbers(16_385)))),

        // P5: operations.
        new("P5 addition to text", "document.wrong_type", ada => ada.Do(profile => profile.Increment("name", 1L))),
        new("P5 whole and broken numbers mixed", "document.wrong_type", ada => ada.Transact(delta => delta.Increment("gold", 0.5))),
        new("P5 integer overflow", "document.overflow", ada => ada.Do(profile => profile.Increment("gold", long.MaxValue)), ada => ada.Save(profile => profile.Increment("gold", 1L))),
        new("P5 below its bound", "document.out_of_bounds", ada => ada.Do(profile => profile.Increment("gold", -1, min: 0))),
        new("P5 above its bound, to the server", "document.out_of_bounds", ada => ada.Transact(delta => delta.Increment("gold", 11, max: 10))),
        new("P5 insert behind the end", "document.index_out_of_range", ada => ada.Do(profile => profile.Insert(Path.Parse("list[9]"), 1L)), ada => ada.Save(profile => profile["list"] = Numbers(2))),
        new("P5 insert without a list, to the server", "document.path_not_found", ada => ada.Transact(delta => delta.Insert(Path.Parse("nothing[0]"), 1L))),

        // P6, P7: sessions.
        new("P6 unknown kind", "kind.unknown", ada => ada.Other.Store("nonsense").OpenSessionAsync("ada")),
        new("P6 id without a character", "request.invalid", ada => ada.Other.Store(Kind).OpenSessionAsync("")),
        new("P6 id over its limit", "request.invalid", ada => ada.Other.Store(Kind).OpenSessionAsync(new string('a', 1_000))),
        new("P6 holder that does not let go in time", "session.wait_timeout", ada => ada.Rival.OpenSessionAsync("ada", Briefly), ada => ada.KeepAsync()),
        new("P7 stale session", "session.lost", ada => ada.Profile.SaveAsync(), ada => ada.StealWithUnsavedChangeAsync()),
        new("P7 write without the session", "session.required", ada => ada.Transact(delta => delta.Set("gold", 1L)), ada => ada.OpenAsync()),
        new("P7 change after the end", "session.lost", ada => ada.Do(profile => profile["gold"] = 1L, open: false), ada => ada.EndAsync()),

        // P13, P17: copies to read.
        new("P13 unknown kind", "kind.unknown", ada => ada.Other.Store("nonsense").WatchAsync("ada")),
        new("P13 change of what is watched", "client.read_only", ada => ada.ChangeWatchedAsync()),
        new("P17 unknown kind", "kind.unknown", ada => ada.Other.Store("nonsense").ViewAsync("ada")),
        new("P17 change of what is viewed", "client.read_only", ada => ada.ChangeViewAsync()),
        new("P17 version that never was", "entity.version_not_found", ada => ada.Other.Store(Kind).ViewAsync("ada", 99)),

        // P14: a part of a unit.
        new("P14 part over 1 MiB", "document.too_large", ada => ada.Transact(delta => delta.Set("blob", Blob(1 << 20)))),
        new("P14 more parts than a unit takes", "request.invalid", ada => ada.Other.TransactAsync(unit =>
        {
            for (var part = 0; part < 65; part++)
                unit.Change(Kind, $"hero-{part}", delta => delta.Set("gold", 1L));
        })),
        new("P14 one entity twice", "request.invalid", ada => ada.Other.TransactAsync(unit => unit
            .Change(Kind, "ada", delta => delta.Increment("gold", 1L)).Change(Kind, "ada", delta => delta.Increment("gold", 1L)))),

        // P15: who may what.
        new("P15 player changes a path", "auth.forbidden", ada => ada.Player.TransactAsync(unit => unit.Change(Kind, "ada", delta => delta.Increment("gold", 1_000)))),
        new("P15 player opens a session", "auth.forbidden", ada => ada.Player.Store(Kind).OpenSessionAsync("ada")),
        new("P15 player sends a message", "auth.forbidden", ada => ada.Player.Store(Kind).SendMessageAsync("ada", new Document())),
        new("P15 player removes", "auth.forbidden", ada => ada.Player.Store(Kind).RemoveAsync("ada")),
        new("P15 player reads another", "auth.forbidden", ada => ada.Player.Store(Kind).ViewAsync("bob")),
        new("P15 player reads history", "auth.forbidden", ada => ada.Player.Store(Kind).ViewAsync("ada", 1)),

        // P18: versions.
        new("P18 list of what never was", "entity.not_found", ada => ada.ListAsync("nobody")),
        new("P18 rollback to what never was", "entity.version_not_found", ada => ada.Other.Store(Kind).RollBackAsync("ada", 99)),
        new("P18 rollback from another version", "version.mismatch", ada => ada.Other.Store(Kind).RollBackAsync("ada", 1, expectedVersion: 7)),

        // P19, P20: messages, removal.
        new("P19 message to nobody", "entity.not_found", ada => ada.Other.Store(Kind).SendMessageAsync("nobody", new Document())),
        new("P19 one message more than 1,000", "message.too_many", ada => ada.Other.Store(Kind).SendMessageAsync("ada", new Document()), ada => ada.FillMessagesAsync()),
        new("P19 message over 1 MiB", "document.too_large", ada => ada.Other.Store(Kind).SendMessageAsync("ada", new Document(new MapBuilder { ["blob"] = Blob(1 << 20) }.Build()))),
        new("P20 removal of nobody", "entity.not_found", ada => ada.Other.Store(Kind).RemoveAsync("nobody")),

        // P21, P24, P26: purchases, trades, reasons; intents.
        new("P21 purchase id over 128", "document.key_too_long", ada => ada.BuyAsync(new string('p', 129))),
        new("P21 negative price", "price.not_positive", ada => ada.Other.IntentAsync(Kind, "ada", "buy", Price(-5))),
        new("P21 price beyond the purse", "document.out_of_bounds", ada => ada.Other.IntentAsync(Kind, "ada", "buy", Price(5))),
        new("P21 unknown intent", "intent.unknown", ada => ada.Other.IntentAsync(Kind, "ada", "steal", new Document())),
        new("P24 trade that one side can't pay", "document.out_of_bounds", ada => ada.Other.TransactAsync(trade => trade
            .Change(Kind, "ada", delta => delta.Increment("gold", 5L)).Change(Kind, "bob", delta => delta.Increment("gold", -5, min: 0)))),
        new("P24 transaction at another version", "version.mismatch", ada => ada.Other.TransactAsync(unit => unit.Change(Kind, "ada", delta => delta.Set("gold", 1L), expectedVersion: 9))),
        new("P26 reason over 64", "request.invalid", ada => ada.Other.TransactAsync(unit => unit.Change(Kind, "ada", delta => delta.Increment("gold", 1L)), new string('r', 65))),
        new("P26 reason over 64, in a session", "argument", ada => ada.SaveAsync(new string('r', 65))),
    ];

    public static TheoryData<string> All() => [.. Mistakes.Select(mistake => mistake.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Is_refused_by_name_and_takes_no_effect(string mistake) => GameSimulation.Run(
        async sim =>
        {
            var chosen = Mistakes.Single(one => one.Name == mistake);
            var ada = await Adversary.StartAsync(sim);
            if (chosen.Before is { } before)
                await before(ada);
            var (document, version) = await ada.ReadAsync();

            var failure = await Record.ExceptionAsync(() => chosen.Make(ada));

            CodeOf(failure).ShouldBe(chosen.Code);
            if (failure is SavepointException refusal)
                refusal.Outcome.ShouldBe(RequestOutcome.NotApplied);
            var after = await ada.ReadAsync();
            (after.Document, after.Version).ShouldBe((document, version));
            (await ada.Other.TransactAsync(unit => unit.Change(Kind, "carol", delta => delta.Increment("gold", 1L)))).ShouldBe([1L]);
        },
        new GameSimulationOptions { Kinds = [new Kind { Name = Kind, Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { ["buy"] = Buy } }] });

    private static SessionOptions Briefly => new() { WaitTimeout = TimeSpan.FromSeconds(2) };

    private static string? Buy(IntentContext context)
    {
        var price = context.Arguments.Get("price").AsInt64();
        if (price <= 0)
            return "price.not_positive";
        context.Delta.Increment("gold", -price, min: 0);
        return null;
    }

    private static string? CodeOf(Exception? failure) => failure switch
    {
        SavepointException refusal => refusal.Code,
        // Such a value can't even be made.
        DocumentException impossible => impossible.Error.Code(),
        // Nor can such a call be made.
        ArgumentException => "argument",
        _ => failure?.ToString(),
    };

    private static Document Price(long price) => new(new MapBuilder { ["price"] = price }.Build());

    private static Value Blob(int bytes) => (ReadOnlyMemory<byte>)new byte[bytes];

    private static Value Numbers(int count) => new ListValue(Enumerable.Range(0, count).Select(number => (Value)(long)number));

    private static Value Nested(int depth)
    {
        Value value = 1L;
        for (; depth > 0; depth--)
            value = new MapBuilder { ["in"] = value }.Build();
        return value;
    }

    private sealed record Mistake(string Name, string Code, Func<Adversary, Task> Make, Func<Adversary, Task>? Before = null);

    /// <summary>Somebody who does everything wrong, with a profile <c>ada</c> at hand.</summary>
    private sealed class Adversary(SavepointClient server, SavepointClient other, SavepointClient player)
    {
        private Profile<PlayerProfile>? _profile;

        public SavepointClient Other => other;

        public SavepointClient Player => player;

        public Store<PlayerProfile> Rival => other.Store<PlayerProfile>(Kind);

        public Profile<PlayerProfile> Profile => _profile!;

        public static async Task<Adversary> StartAsync(GameSimulation sim)
        {
            var adversary = new Adversary(await sim.ConnectAsync("server"), await sim.ConnectAsync("other"), await sim.ConnectPlayerAsync("ada"));
            await (await adversary.Rival.OpenSessionAsync("ada")).ProfileOrThrow().EndSessionAsync();
            return adversary;
        }

        public async Task<(string Document, long Version)> ReadAsync()
        {
            var view = await other.Store(Kind).ViewAsync("ada");
            return (DocumentJson.ToText(view!.Document), view.Version);
        }

        public async Task OpenAsync() => _profile ??= (await server.Store<PlayerProfile>(Kind).OpenSessionAsync("ada")).ProfileOrThrow();

        public async Task EndAsync()
        {
            await OpenAsync();
            await Profile.EndSessionAsync();
        }

        public async Task KeepAsync() => _profile = (await server.Store<PlayerProfile>(Kind).OpenSessionAsync("ada", new SessionOptions { HandOver = _ => false })).ProfileOrThrow();

        public async Task StealWithUnsavedChangeAsync()
        {
            await OpenAsync();
            Profile.Data.Gold = 7;
            (await Rival.OpenSessionAsync("ada", new SessionOptions { Conflict = SessionConflict.Steal })).ProfileOrThrow();
        }

        public Task Change(Action<PlayerProfile> change) => Do(profile => ((Profile<PlayerProfile>)profile).Change(change));

        public async Task Do(Action<Profile> change, bool open = true)
        {
            if (open)
                await OpenAsync();
            change(Profile);
        }

        public async Task Save(Action<Profile> change)
        {
            await Do(change);
            await Profile.SaveAsync();
        }

        public async Task SaveAsync(string reason)
        {
            await OpenAsync();
            Profile.Change(data => data.Gold += 1, reason);
            await Profile.SaveAsync();
        }

        public Task<IReadOnlyList<long>> Transact(Action<DeltaWriter> write) => other.TransactAsync(unit => unit.Change(Kind, "ada", write));

        public async Task BuyAsync(string purchase)
        {
            await OpenAsync();
            await Profile.PurchaseAsync(purchase, data => data.Gold += 100);
        }

        public async Task FillMessagesAsync()
        {
            for (var message = 0; message < 1_000; message += 50)
                await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => other.Store(Kind).SendMessageAsync("ada", new Document())));
        }

        public async Task ChangeWatchedAsync() => (await Rival.WatchAsync("ada")).Data.Gold = 1;

        public async Task ChangeViewAsync() => (await Rival.ViewAsync("ada"))!.Data.Gold = 1;

        public async Task ListAsync(string id)
        {
            await foreach (var _ in Rival.ListVersionsAsync(id))
            {
            }
        }
    }
}
