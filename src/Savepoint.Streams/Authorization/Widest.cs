using Savepoint.Documents;

namespace Savepoint.Streams.Authorization;

/// <summary>Limits for what the engine has checked, or will check, against those of its kind.</summary>
internal static class Widest
{
    public static readonly DocumentLimits Limits = new()
    {
        MaxDepth = DocumentLimits.DepthCeiling,
        MaxKeyLength = DocumentLimits.KeyLengthCeiling,
        MaxDocumentBytes = 1 << 28,
        MaxListLength = 1 << 24,
        MaxMapLength = 1 << 24,
        MaxDeltaBytes = 1 << 29,
        MaxDeltaOperations = 1 << 24,
    };
}
