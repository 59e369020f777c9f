namespace Savepoint.Engine.Units;

/// <summary>
/// The numbers of the parts of a batch. A batch is one request of its writer, and each of its parts a unit of its own, wherever its entity lies, that is
/// remembered by itself until the writer has received the answer to the batch. So a part's number holds that of the batch in its lower 44 bits, by which it
/// counts as received, and its place in the batch above them (docs/design/0003-batches.md).
/// </summary>
public static class BatchPart
{
    /// <summary>The highest number of a request: one a microsecond would last for half a year.</summary>
    public const long MaxRequest = (1L << RequestBits) - 1;

    /// <summary>The most parts that can be told apart.</summary>
    public const int MaxParts = (1 << PartBits) - 1;

    private const int RequestBits = 44;
    private const int PartBits = 19;

    /// <summary>The number of a part.</summary>
    /// <param name="request">The number of the batch, at most <see cref="MaxRequest"/>.</param>
    /// <param name="index">The part's place in the batch, from 0, below <see cref="MaxParts"/>.</param>
    public static long Number(long request, int index) => ((index + 1L) << RequestBits) | request;

    /// <summary>Whether a number is that of a part, and not of a whole request.</summary>
    /// <param name="number">The number.</param>
    public static bool IsPart(long number) => number > MaxRequest;

    /// <summary>The request that a number belongs to: itself, or the batch.</summary>
    /// <param name="number">The number.</param>
    public static long RequestOf(long number) => number & MaxRequest;

    /// <summary>Numbers in the order of their requests, and the parts of a batch in theirs.</summary>
    /// <param name="number">The number.</param>
    public static long OrderOf(long number) => (RequestOf(number) << PartBits) | (number >> RequestBits);
}
