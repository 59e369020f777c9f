namespace Savepoint.Client.Tests;

public sealed class TypedDataTests
{
    [Fact]
    public void Every_kind_of_property_survives_the_way_to_the_server_and_back() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var store = client.Store<PlayerProfile>("profile");
        var profile = (await store.OpenSessionAsync("ada")).ProfileOrThrow();
        var seen = new DateTimeOffset(2030, 5, 6, 7, 8, 9, TimeSpan.Zero);
        profile.Change(data =>
        {
            (data.Gold, data.Name, data.Health, data.Experience, data.IsVip) = (5, "Ada", 42, 1.5, true);
            (data.LastSeen, data.Rank, data.Title) = (seen, Rank.Knight, Rank.Novice);
            data.Avatar = new byte[] { 1, 2, 3 };
            data.Items.Add("sword");
            data.Inventory["potion"] = 3;
            data.Stats.Kills = 7;
            data.Stats.Favorite = "dragon";
        });
        await profile.SaveAsync();
        var data = (await store.ViewAsync("ada"))!.Data;
        (data.Gold, data.Name, data.Health, data.Experience, data.IsVip).ShouldBe((5L, "Ada", 42, 1.5, true));
        (data.LastSeen, data.Rank, data.Title).ShouldBe((seen, Rank.Knight, Rank.Novice));
        data.Avatar.ToArray().ShouldBe([1, 2, 3]);
        data.Items.ToArray().ShouldBe(["sword"]);
        data.Inventory.ToArray().ShouldBe([new("potion", 3)]);
        (data.Stats.Kills, data.Stats.Favorite).ShouldBe((7L, "dragon"));
        server.Entity("ada")["is_vip"].ShouldBe(true);
        server.Entity("ada")["rank"].ShouldBe(3);
    });

    [Fact]
    public void Defaults_form_the_template() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        _ = (await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada")).ProfileOrThrow();
        server.Entity("ada").Document.Root.Select(entry => entry.Key).ShouldBe(
            ["avatar", "experience", "gold", "health", "inventory", "is_vip", "items", "name", "rank", "stats"]);
        server.Entity("ada")["name"].ShouldBe("Nobody");
    });

    [Fact]
    public void An_additive_property_saves_the_difference() => Simulation.Run(async simulation =>
    {
        var (profile, _) = await OpenAsync(simulation);
        profile.Data.Gold += 5;
        profile.Data.Experience -= 0.5;
        profile.Data.Inventory["potion"] = 2;
        profile.Data.Inventory["potion"] += 2;
        profile.Data.AddExperience(3, max: 10);
        var operations = Operations(profile);
        operations.ShouldBe(["Increment gold 5", "Increment experience -0.5", "Increment inventory.potion 2", "Increment inventory.potion 2", "Increment experience 3"]);
    });

    [Fact]
    public void Lists_tell_of_each_change() => Simulation.Run(async simulation =>
    {
        var (profile, server) = await OpenAsync(simulation);
        var changes = new List<string>();
        profile.Data.Items.Changed += change => changes.Add($"{change.Kind} {change.Index} {change.OldItem}->{change.NewItem} {change.Origin}");
        profile.Data.Items.Add("sword");
        profile.Data.Items.Insert(0, "bow");
        profile.Data.Items[1] = "axe";
        profile.Data.Items[1] = "axe";
        profile.Data.Items.Remove("bow").ShouldBeTrue();
        profile.Data.Items.Remove("bow").ShouldBeFalse();
        await profile.SaveAsync();
        server.Change("ada", delta => delta.Insert("items[1]", "helm"));
        await simulation.Delay(0.1);
        profile.Data.Items.ToArray().ShouldBe(["axe", "helm"]);
        profile.Data.Items.Clear();
        profile.Data.Items.Clear();
        changes.ShouldBe(
        [
            "Insert 0 ->sword Local", "Insert 0 ->bow Local", "Set 1 sword->axe Local", "Remove 0 bow-> Local", "Insert 1 ->helm Remote", "Clear 0 -> Local",
        ]);
        Should.Throw<ArgumentOutOfRangeException>(() => profile.Data.Items[5]);
        Should.Throw<SavepointException>(() => profile.Data.Items.RemoveAt(5)).Code.ShouldBe("document.index_out_of_range");
    });

    [Fact]
    public void Maps_tell_of_each_change() => Simulation.Run(async simulation =>
    {
        var (profile, _) = await OpenAsync(simulation);
        var changes = new List<string>();
        profile.Data.Inventory.Changed += change => changes.Add($"{change.Kind} {change.Key} {change.OldValue}->{change.NewValue}");
        profile.Data.Inventory["potion"] = 2;
        profile.Data.Inventory.Increment("potion", 3, max: 10);
        profile.Data.Inventory.Remove("potion").ShouldBeTrue();
        profile.Data.Inventory.Remove("potion").ShouldBeFalse();
        profile.Data.Inventory["arrow"] = 1;
        profile.Data.Inventory.Clear();
        changes.ShouldBe(["Add potion 0->2", "Set potion 2->5", "Remove potion 5->0", "Add arrow 0->1", "Clear  0->0"]);
        profile.Data.Inventory.ContainsKey("arrow").ShouldBeFalse();
        Should.Throw<KeyNotFoundException>(() => profile.Data.Inventory["arrow"]);
    });

    [Fact]
    public void Properties_tell_of_each_change_with_old_new_and_origin() => Simulation.Run(async simulation =>
    {
        var (profile, server) = await OpenAsync(simulation);
        var changes = new List<object>();
        profile.Data.PropertyChanged += change => changes.Add(change);
        profile.Data.RankChanged += change => changes.Add(change);
        profile.Data.Stats.KillsChanged += change => changes.Add(change);
        profile.Data.Rank = Rank.Knight;
        server.Change("ada", delta => delta.Increment("stats.kills", 2));
        await simulation.Delay(0.1);
        changes.ShouldBe(
        [
            new PropertyChange("Rank", 0, 3, ChangeOrigin.Local),
            new PropertyChange<Rank>(Rank.Novice, Rank.Knight, ChangeOrigin.Local),
            new PropertyChange<long>(0, 2, ChangeOrigin.Remote),
        ]);
    });

    [Fact]
    public void Replacing_a_section_as_a_whole_tells_of_its_properties() => Simulation.Run(async simulation =>
    {
        var (profile, server) = await OpenAsync(simulation);
        var kills = new List<PropertyChange<long>>();
        profile.Data.Stats.KillsChanged += kills.Add;
        server.Change("ada", delta => delta.Set("stats", new MapBuilder { ["kills"] = 9 }));
        server.Change("ada", delta => delta.Clear(Path.Root));
        await simulation.Delay(0.1);
        kills.ShouldBe([new(0, 9, ChangeOrigin.Remote), new(9, 0, ChangeOrigin.Remote)]);
        (profile.Data.Stats.Kills, profile.Data.Name).ShouldBe((0L, "Nobody"));
    });

    [Fact]
    public void A_handler_may_change_the_profile_and_one_that_throws_stops_nothing() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = (await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada")).ProfileOrThrow();
        var failures = new List<Exception>();
        client.HandlerFailed += failures.Add;
        profile.Data.GoldChanged += _ => throw new NotSupportedException();
        profile.Data.HealthChanged += change => profile.Data.IsVip = change.NewValue > 100;
        profile.Data.Gold = 1;
        profile.Data.Health = 150;
        profile.Data.IsVip.ShouldBeTrue();
        failures.ShouldHaveSingleItem().ShouldBeOfType<NotSupportedException>();
    });

    [Fact]
    public void Untyped_access_reads_and_writes_the_same_document() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var template = new MapBuilder { ["currency"] = new MapBuilder { ["gold"] = 5 } };
        var profile = (await client.Store("profile", new Template(new Document(template.Build()))).OpenSessionAsync("ada")).ProfileOrThrow();
        profile["currency.gold"].ShouldBe(5);
        profile["currency.silver"] = 7;
        profile.Increment("currency.gold", -2, min: 0);
        profile["title.of.nobody"].IsNone.ShouldBeTrue();
        await profile.SaveAsync();
        (server.Entity("ada")["currency.gold"], server.Entity("ada")["currency.silver"]).ShouldBe((3, 7));
        Should.Throw<SavepointException>(() => profile["currency.gold.deep"] = 1).Code.ShouldBe("document.wrong_type");
    });

    [Fact]
    public void Data_that_belongs_to_no_profile_says_so() =>
        Should.Throw<InvalidOperationException>(() => new PlayerProfile().Items).Message.ShouldContain("belongs to no profile");

    private static async Task<(Profile<PlayerProfile> Profile, FakeServer Server)> OpenAsync(Simulation simulation)
    {
        var server = new FakeServer(simulation);
        var client = await server.ConnectClientAsync();
        return ((await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada")).ProfileOrThrow(), server);
    }

    private static List<string> Operations(Profile profile)
    {
        var operations = new List<string>();
        foreach (var delta in profile.Session.UnacknowledgedDeltas)
        {
            foreach (var operation in new DeltaReader(delta.Span))
                operations.Add($"{operation.Kind} {operation.Path.ToPath()} {operation.Amount}");
        }
        return operations;
    }
}
