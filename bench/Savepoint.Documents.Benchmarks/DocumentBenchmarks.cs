using BenchmarkDotNet.Attributes;

namespace Savepoint.Documents.Benchmarks;

/// <summary>The hot paths of documents, on a document of 10 properties.</summary>
[MemoryDiagnoser]
public class DocumentBenchmarks
{
    private static readonly DocumentLimits Limits = DocumentLimits.Default;

    private readonly Document _flat = new(TenProperties().Build());
    private readonly Document _nested = new(new MapBuilder { ["currency"] = TenProperties() }.Build());
    private readonly byte[] _gold = Delta("gold");
    private readonly byte[] _nestedGold = Delta("currency.gold");
    private readonly byte[] _bytes = new Document(TenProperties().Build()).ToBytes();
    private readonly byte[] _buffer = new byte[1024];
    private readonly UndoLog _undo = new();
    private readonly DeltaWriter _writer = new();
    private readonly Path _path = "currency.gold";

    /// <summary>What a change of a number costs, its way back included.</summary>
    [Benchmark]
    public DocumentError ApplyIncrement() => Apply(_flat, _gold);

    /// <summary>The same, one map deeper.</summary>
    [Benchmark]
    public DocumentError ApplyNestedIncrement() => Apply(_nested, _nestedGold);

    /// <summary>What checking a delta at the edge costs.</summary>
    [Benchmark]
    public DocumentError Validate() => Documents.Delta.Validate(_nestedGold, Limits);

    /// <summary>What building a delta costs, with a path kept.</summary>
    [Benchmark]
    public int WriteIncrement()
    {
        _writer.Reset();
        _writer.Increment(_path, 1, min: 0);
        return _writer.WrittenSpan.Length;
    }

    /// <summary>What encoding costs.</summary>
    [Benchmark]
    public int Encode() => _flat.Encode(_buffer);

    /// <summary>What decoding costs.</summary>
    [Benchmark]
    public Document Decode() => Document.Decode(_bytes);

    /// <summary>What a checksum costs.</summary>
    [Benchmark]
    public uint Checksum() => _flat.Checksum();

    /// <summary>What a copy costs.</summary>
    [Benchmark]
    public Document Clone() => _flat.Clone();

    private DocumentError Apply(Document document, byte[] delta)
    {
        var error = Documents.Delta.TryApply(document, delta, Limits, _undo);
        _undo.Clear();
        return error;
    }

    private static byte[] Delta(Path path)
    {
        var writer = new DeltaWriter();
        writer.Increment(path, 1, min: 0);
        return writer.ToArray();
    }

    private static MapBuilder TenProperties()
    {
        var map = new MapBuilder { ["name"] = "Ada of the North", ["score"] = 1.5 };
        foreach (var key in new[] { "created", "gems", "gold", "guild", "lastSeen", "level", "rank", "xp" })
            map[key] = 5;
        return map;
    }
}
