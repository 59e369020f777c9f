namespace Savepoint.Documents;

/// <summary>What a document or delta may hold at most. Immutable; share one instance.</summary>
public sealed record DocumentLimits
{
    /// <summary>The deepest nesting that any <see cref="MaxDepth"/> can allow: 64.</summary>
    public const int DepthCeiling = 64;

    /// <summary>The longest key that any <see cref="MaxKeyLength"/> can allow: 1,024.</summary>
    public const int KeyLengthCeiling = 1024;

    private const int DocumentBytesCeiling = 1 << 28, ItemsCeiling = 1 << 24, DeltaBytesCeiling = 1 << 29, DeltaOperationsCeiling = 1 << 24;

    /// <summary>The default of every limit.</summary>
    public static DocumentLimits Default { get; } = new();

    /// <summary>
    /// Every limit at its ceiling: for reading what was checked when it was written. That stays valid, also where a kind's limits were lowered since; only what keeps
    /// reading safe is asked of it.
    /// </summary>
    public static DocumentLimits Widest { get; } = new()
    {
        MaxDepth = DepthCeiling,
        MaxKeyLength = KeyLengthCeiling,
        MaxDocumentBytes = DocumentBytesCeiling,
        MaxListLength = ItemsCeiling,
        MaxMapLength = ItemsCeiling,
        MaxDeltaBytes = DeltaBytesCeiling,
        MaxDeltaOperations = DeltaOperationsCeiling,
    };

    /// <summary>How deep maps and lists may nest; the root map is level 1, so a path has at most so many segments. The default is 16, the range 1 to 64.</summary>
    public int MaxDepth { get; init => field = Within(value, DepthCeiling, nameof(MaxDepth)); } = 16;

    /// <summary>The longest map key in UTF-16 units. The default is 128, the range 1 to 1,024.</summary>
    public int MaxKeyLength { get; init => field = Within(value, KeyLengthCeiling, nameof(MaxKeyLength)); } = 128;

    /// <summary>The largest canonical encoding of a document in bytes. The default is 1 MiB.</summary>
    public int MaxDocumentBytes { get; init => field = Within(value, DocumentBytesCeiling, nameof(MaxDocumentBytes)); } = 1 << 20;

    /// <summary>The most items in one list. The default is 16,384, which bounds what an insert has to move.</summary>
    public int MaxListLength { get; init => field = Within(value, ItemsCeiling, nameof(MaxListLength)); } = 16_384;

    /// <summary>The most keys in one map. The default is 16,384.</summary>
    public int MaxMapLength { get; init => field = Within(value, ItemsCeiling, nameof(MaxMapLength)); } = 16_384;

    /// <summary>The largest delta in bytes. The default is 2 MiB, so that one delta can rebuild the largest document.</summary>
    public int MaxDeltaBytes { get; init => field = Within(value, DeltaBytesCeiling, nameof(MaxDeltaBytes)); } = 2 << 20;

    /// <summary>The most operations in one delta. The default is 32,768.</summary>
    public int MaxDeltaOperations { get; init => field = Within(value, DeltaOperationsCeiling, nameof(MaxDeltaOperations)); } = 32_768;

    private static int Within(int value, int max, string name) =>
        value >= 1 && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"Must be 1 to {max}.");
}
