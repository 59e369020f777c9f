using FsCheck;
using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

/// <summary>A document and the deltas that come its way, some of which it has to refuse.</summary>
internal sealed record Story(Document Start, TestOperation[][] Deltas)
{
    public static Gen<Story> Any { get; } =
        from document in Samples.Document
        from count in Gen.Choose(1, 6)
        from deltas in Operation(document).ArrayOf().Select(operations => operations.Take(4).ToArray()).ArrayOf(count)
        select new Story(document, deltas);

    public static IEnumerable<Story> Smaller(Story story)
    {
        for (var i = 0; i < story.Deltas.Length; i++)
        {
            yield return story with { Deltas = [.. story.Deltas[..i], .. story.Deltas[(i + 1)..]] };
            for (var k = 0; k < story.Deltas[i].Length; k++)
            {
                TestOperation[] shorter = [.. story.Deltas[i][..k], .. story.Deltas[i][(k + 1)..]];
                yield return story with { Deltas = [.. story.Deltas[..i], shorter, .. story.Deltas[(i + 1)..]] };
            }
        }
        foreach (var start in Samples.Smaller(story.Start))
            yield return story with { Start = start };
    }

    public override string ToString() =>
        DocumentJson.ToText(Start) + string.Concat(Deltas.Select(delta => "\n  delta: " + string.Join("; ", delta.AsEnumerable())));

    private static Gen<TestOperation> Operation(Document document)
    {
        var path = PathIn(document);
        var keyed = path.Where(p => !p.IsRoot);
        return Gen.Frequency(
            (4, from p in keyed from v in Samples.Any(2) select new TestOperation(OperationKind.Set, p, v)),
            (2, from p in keyed from v in Samples.Scalar select new TestOperation(OperationKind.Set, p, v)),
            (2, from p in keyed select new TestOperation(OperationKind.Remove, p, default)),
            (3, Increment(keyed)),
            (3, from p in path from i in Gen.Choose(0, 4) from v in Samples.Any(2) select new TestOperation(OperationKind.Insert, p.Child(i), v)),
            (1, from p in path select new TestOperation(OperationKind.Clear, p, default)));
    }

    private static Gen<TestOperation> Increment(Gen<Path> path)
    {
        var integer = Samples.Scalar.Where(v => v.Kind == ValueKind.Int64);
        var real = Samples.Scalar.Where(v => v.Kind == ValueKind.Double);
        return
            from p in path
            from number in Gen.Elements(integer, real)
            from amount in number
            from bounds in number.Two()
            from which in Gen.Choose(0, 3)
            let ordered = Compare(bounds.Item1, bounds.Item2) <= 0 ? bounds : (bounds.Item2, bounds.Item1)
            select new TestOperation(OperationKind.Increment, p, amount, (which & 1) != 0 ? ordered.Item1 : default, (which & 2) != 0 ? ordered.Item2 : default);
    }

    private static int Compare(Value left, Value right) =>
        left.TryGetInt64(out var integer) ? integer.CompareTo(right.AsInt64()) : left.AsDouble().CompareTo(right.AsDouble());

    private static Gen<Path> PathIn(Document document)
    {
        var existing = Gen.Elements(Model.PathsOf(document).ToArray());
        return Gen.Frequency(
            (6, existing),
            (3, from p in existing from key in Samples.Key select p.Child(key)),
            (1, from p in existing from index in Gen.Choose(0, 3) select p.Child(index)),
            (1, from p in existing from keys in Samples.Key.ArrayOf(3) select keys.Aggregate(p, (at, key) => at.Child(key))));
    }
}
