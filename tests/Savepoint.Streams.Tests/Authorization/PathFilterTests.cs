using System.Text;
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
        new DeltaFilter(Filter(Hidden("secret"))).TryApply(delta.WrittenSpan, null, filtered).ShouldBeTrue();
        filtered.IsEmpty.ShouldBeTrue();
        Delta.Apply(new Document(), filtered.WrittenSpan);
    }

    [Fact]
    public void Of_a_hidden_value_that_makes_the_map_around_it_the_map_is_told_and_nothing_else()
    {
        var filter = new DeltaFilter(Filter(Hidden("moderation"), new PathRule("moderation.points")));
        var delta = new DeltaWriter();
        delta.Set("moderation.reported-by-bob.text", "cheats");
        delta.Set("moderation.points", 3);
        delta.Set("moderation.reported-by-eve", true);
        var filtered = new DeltaWriter();
        filter.TryApply(delta.WrittenSpan, new Document(), filtered).ShouldBeTrue();
        Told(filtered).ShouldBe(["Set moderation", "Set moderation.points"]);
        Encoding.Latin1.GetString(filtered.WrittenSpan).ShouldNotContain("reported");
        filter.TryApply(delta.WrittenSpan, null, filtered).ShouldBeFalse("nobody knows whether the map is there");
        filter.ApplyUnversioned(delta.WrittenSpan, filtered);
        Told(filtered).ShouldBe(["Set moderation.points"]);
    }

    /// <summary>Filtered deltas, applied to the filtered document, give the filtered new document; where the filter does not know that, it says so.</summary>
    [Fact]
    public void A_filtered_delta_leads_from_the_visible_part_to_the_next_one_byte_for_byte()
    {
        var (changes, filteredOut, untold) = (0, 0, 0);
        foreach (var (filter, _, document, delta, next, where) in Cases())
        {
            var before = Apply(filter, document);
            var after = Apply(filter, next).ToBytes();
            var filtered = new DeltaWriter();
            var deltas = new DeltaFilter(filter);

            var visible = before.Clone();
            deltas.TryApply(delta, visible, filtered).ShouldBeTrue(where);
            Next(before, filtered).ShouldBe(after, where);
            visible.ToBytes().ShouldBe(after, where);

            if (deltas.TryApply(delta, null, filtered))
                Next(before, filtered).ShouldBe(after, $"{where}, unknown");
            else
                untold++;
            changes++;
            filteredOut += after.AsSpan().SequenceEqual(next.ToBytes()) ? 0 : 1;
        }

        changes.ShouldBeGreaterThan(5_000);
        filteredOut.ShouldBeGreaterThan(2_000);
        untold.ShouldBeInRange(100, changes / 2);
    }

    /// <summary>The rules are read here once more, in another way: the filter's own view of them is not asked.</summary>
    [Fact]
    public void No_key_of_which_nothing_may_be_seen_stands_in_a_filtered_document_or_delta()
    {
        var (kept, left) = (0, 0);
        foreach (var (filter, rules, document, delta, _, where) in Cases())
        {
            var visible = Apply(filter, document);
            FirstHidden(rules, Path.Root, visible.Root).ShouldBeNull(where);
            var filtered = new DeltaWriter();
            var deltas = new DeltaFilter(filter);
            if (deltas.TryApply(delta, null, filtered))
                FirstHidden(rules, filtered).ShouldBeNull($"{where}, unknown");
            deltas.ApplyUnversioned(delta, filtered);
            FirstHidden(rules, filtered).ShouldBeNull($"{where}, unversioned");
            deltas.TryApply(delta, visible, filtered).ShouldBeTrue(where);
            FirstHidden(rules, filtered).ShouldBeNull(where);
            kept += filtered.OperationCount;
            left += FirstHidden(rules, delta) is null ? 0 : 1;
        }

        kept.ShouldBeGreaterThan(2_000);
        left.ShouldBeGreaterThan(2_000);
    }

    /// <summary>Maps with nothing in them aside, which a version tells: what was unversioned and is visible is shown, and nothing stays that is gone.</summary>
    [Fact]
    public void A_filtered_unversioned_delta_shows_the_visible_values()
    {
        foreach (var (filter, _, document, delta, next, where) in Cases())
        {
            var filtered = new DeltaWriter();
            new DeltaFilter(filter).ApplyUnversioned(delta, filtered);
            var shown = Apply(filter, document);
            Delta.Apply(shown, filtered.WrittenSpan);
            Values(shown).ShouldBe(Values(Apply(filter, next)), where);
        }
    }

    private static IEnumerable<(PathFilter Filter, PathRule[] Rules, Document Document, byte[] Delta, Document Next, string Where)> Cases()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var rules = Rules(random);
            if (Visible(rules) is not { } filter)
                continue;
            var document = new Document();
            for (var step = 0; step < 60; step++)
            {
                var delta = Change(random);
                var next = document.Clone();
                if (Delta.TryApply(next, delta, DocumentLimits.Default, new UndoLog()) != DocumentError.None)
                    continue;
                yield return (filter, rules, document, delta, next, $"seed {seed}, step {step}: {DocumentJson.ToText(document)}");
                document = next;
            }
        }
    }

    private static byte[] Next(Document before, DeltaWriter filtered)
    {
        var follower = before.Clone();
        Delta.Apply(follower, filtered.WrittenSpan);
        return follower.ToBytes();
    }

    private static List<string> Told(DeltaWriter filtered)
    {
        var told = new List<string>();
        foreach (var operation in new DeltaReader(filtered.WrittenSpan))
            told.Add($"{operation.Kind} {operation.Path.ToPath()}");
        return told;
    }

    private static Path? FirstHidden(PathRule[] rules, DeltaWriter delta) => FirstHidden(rules, delta.WrittenSpan);

    private static Path? FirstHidden(PathRule[] rules, ReadOnlySpan<byte> delta)
    {
        foreach (var operation in new DeltaReader(delta))
        {
            var path = operation.Path.ToPath();
            var hidden = operation.Kind switch
            {
                OperationKind.Remove or OperationKind.Clear => MayBeNamed(rules, path) ? null : path,
                OperationKind.Increment => IsSeen(rules, path) ? null : path,
                _ => FirstHidden(rules, path, operation.GetValue()),
            };
            if (hidden is not null)
                return hidden;
        }

        return null;
    }

    private static Path? FirstHidden(PathRule[] rules, Path path, Value value)
    {
        if (!value.TryGetMap(out var map))
            return IsSeen(rules, path) ? null : path;
        if (!MayBeNamed(rules, path))
            return path;
        return map.Select(entry => FirstHidden(rules, path.Child(entry.Key), entry.Value)).FirstOrDefault(hidden => hidden is not null);
    }

    /// <summary>Whether a path is seen, or has no key, or something that a rule makes visible below it: it has to be named then. What is in a list is as the list.</summary>
    private static bool MayBeNamed(PathRule[] rules, Path path) =>
        path.IsRoot || IsSeen(rules, path) || (!HasIndex(path) && rules.Any(rule => StartsWith(rule.Path, path) && IsSeen(rules, rule.Path)));

    private static bool IsSeen(PathRule[] rules, Path path)
    {
        var rule = rules.Where(rule => StartsWith(path, rule.Path)).MaxBy(rule => rule.Path.Count);
        return rule is null || (rule.Readers & AccessRoles.Player) != AccessRoles.None;
    }

    private static bool HasIndex(Path path)
    {
        foreach (var segment in path.Segments)
        {
            if (segment.IsIndex)
                return true;
        }

        return false;
    }

    private static bool StartsWith(Path path, Path start) => path.Count >= start.Count && path.Segments[..start.Count].SequenceEqual(start.Segments);

    private static List<string> Values(Document document)
    {
        var values = new List<string>();
        Add(Path.Root, document.Root);
        return values;

        void Add(Path path, Value value)
        {
            if (value.TryGetMap(out var map))
            {
                foreach (var (key, item) in map)
                    Add(path.Child(key), item);
            }
            else
            {
                values.Add($"{path} = {value}");
            }
        }
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
