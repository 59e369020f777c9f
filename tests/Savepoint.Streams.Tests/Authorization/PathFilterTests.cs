using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Path = Savepoint.Documents.Path;

namespace Savepoint.Streams.Tests.Authorization;

public sealed class PathFilterTests
{
    private const string Keys = "abc";

    private static readonly EntityKey Key = new("profile", "alice");

    [Fact]
    public void What_is_hidden_is_left_out_of_a_document()
    {
        var filter = Filter(Hidden("secret"), Hidden("stats.rating"));
        Text(filter, """{"name":"Ada","secret":{"x":1},"stats":{"rating":1500,"wins":3}}""").ShouldBe("""{"name":"Ada","stats":{"wins":3}}""");
        Text(filter, """{"stats":7}""").ShouldBe("""{"stats":7}""");
    }

    [Fact]
    public void Where_nearly_all_is_hidden_the_rest_is_seen()
    {
        var filter = Filter(Hidden(""), new PathRule("name"), new PathRule("stats.wins"));
        Text(filter, """{"name":"Ada","secret":{"x":1},"stats":{"rating":1500,"wins":3}}""").ShouldBe("""{"name":"Ada","stats":{"wins":3}}""");
        Text(filter, """{"stats":7}""").ShouldBe("{}");
    }

    [Fact]
    public void Where_nothing_is_hidden_there_is_no_filter()
    {
        Visible(new PathRule("a") { WriteLevel = 5 }).ShouldBeNull();
        Visible(Hidden("a"), new PathRule("b")).ShouldNotBeNull();
        new KindAuthorizer(Kinds(Hidden("a"))).Visible(Principal.GameServer("eu-1"), Key).ShouldBeNull();
    }

    [Fact]
    public void An_empty_filtered_delta_is_a_delta()
    {
        var delta = new DeltaWriter();
        delta.Set("secret.x", 1);
        var filtered = new DeltaWriter();
        Filter(Hidden("secret")).Apply(delta.WrittenSpan, null, filtered);
        filtered.IsEmpty.ShouldBeTrue();
        Delta.Apply(new Document(), filtered.WrittenSpan);
    }

    /// <summary>Filtered deltas, applied to the filtered document, give the filtered new document, whether or not that is at hand when they are filtered.</summary>
    [Fact]
    public void A_filtered_delta_leads_from_the_visible_part_to_the_next_one_byte_for_byte()
    {
        var (changes, filteredOut) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var filter = Visible(Rules(random));
            if (filter is null)
                continue;
            var document = new Document();
            var known = Apply(filter, document);
            var unknown = known.Clone();
            for (var step = 0; step < 60; step++)
            {
                var delta = Change(random);
                var next = document.Clone();
                if (Delta.TryApply(next, delta, DocumentLimits.Default, new UndoLog()) != DocumentError.None)
                    continue;
                Follow(filter, delta, known, known).ShouldBe(Apply(filter, next).ToBytes(), $"seed {seed}, step {step}, known: {DocumentJson.ToText(document)}");
                filteredOut += Follow(filter, delta, null, unknown).AsSpan().SequenceEqual(next.ToBytes()) ? 0 : 1;
                unknown.ToBytes().ShouldBe(Apply(filter, next).ToBytes(), $"seed {seed}, step {step}, unknown: {DocumentJson.ToText(document)}");
                document = next;
                changes++;
            }
        }

        changes.ShouldBeGreaterThan(5_000);
        filteredOut.ShouldBeGreaterThan(2_000);
    }

    private static byte[] Follow(PathFilter filter, byte[] delta, Document? visible, Document follower)
    {
        var filtered = new DeltaWriter();
        filter.Apply(delta, visible, filtered);
        Delta.Apply(follower, filtered.WrittenSpan);
        return follower.ToBytes();
    }

    private static Document Apply(PathFilter filter, Document document) => Document.Decode(filter.Apply(document.ToBytes()));

    private static PathRule[] Rules(Random random)
    {
        var rules = new Dictionary<Path, PathRule>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var path = Path.Root;
            for (var depth = random.Next(0, 4); depth > 0; depth--)
                path = path.Child(Keys[random.Next(Keys.Length)].ToString());
            rules[path] = new PathRule(path) { Readers = random.Next(2) == 0 ? AccessRoles.Backend : AccessRoles.All };
        }

        return [.. rules.Values];
    }

    private static byte[] Change(Random random)
    {
        var delta = new DeltaWriter();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var path = Place(random);
            switch (random.Next(6))
            {
                case 0 or 1:
                    delta.Set(path, Thing(random, 3));
                    break;
                case 2:
                    delta.Remove(path);
                    break;
                case 3:
                    delta.Increment(path, 1);
                    break;
                case 4:
                    delta.Insert(path.Child(0), Thing(random, 1));
                    break;
                default:
                    delta.Clear(random.Next(10) == 0 ? Path.Root : path);
                    break;
            }
        }

        return delta.ToArray();
    }

    private static Path Place(Random random)
    {
        var path = Path.Root;
        for (var depth = random.Next(1, 5); depth > 0; depth--)
            path = random.Next(8) == 0 && !path.IsRoot ? path.Child(0) : path.Child(Keys[random.Next(Keys.Length)].ToString());
        return path;
    }

    private static Value Thing(Random random, int depth)
    {
        var kind = depth == 0 ? 0 : random.Next(4);
        if (kind == 0)
            return random.Next(100);
        if (kind == 1)
            return new ListValue(Enumerable.Range(0, random.Next(3)).Select(_ => Thing(random, depth - 1)));
        var map = new MapBuilder();
        foreach (var key in Keys.Where(_ => random.Next(2) == 0))
            map[key.ToString()] = Thing(random, depth - 1);
        return map.Build();
    }

    private static string Text(PathFilter filter, string json) => DocumentJson.ToText(Document.Decode(filter.Apply(DocumentJson.Parse(json).ToBytes())));

    private static PathRule Hidden(string path) => new(path) { Readers = AccessRoles.Backend };

    private static PathFilter Filter(params PathRule[] rules) => Visible(rules)!;

    private static PathFilter? Visible(params PathRule[] rules) => new KindAuthorizer(Kinds(rules)).Visible(Principal.Player("alice"), Key);

    private static KindRegistry Kinds(params PathRule[] rules) => new([new Kind { Name = "profile", Access = new KindAccess { Paths = rules } }]);
}
