using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// Which parts of a batch go in one message: those that the same connection takes, at most so many and so large together. The parts of one entity stay in
/// order, since they go over the same connection.
/// </summary>
internal static class BatchSplit
{
    private const int MaxParts = 1_000;

    // Well below what a server takes in one frame; a part that is larger goes alone.
    private const int MaxBytes = 1 << 20;

    /// <summary>Splits a batch.</summary>
    /// <param name="mutations">Its parts.</param>
    /// <param name="lanes">For each part, the connection that it would go over now.</param>
    /// <returns>The places of the parts of each message.</returns>
    public static List<List<int>> Of(IReadOnlyList<Mutation> mutations, IReadOnlyList<Lane?> lanes)
    {
        var messages = new List<List<int>>();
        foreach (var places in Enumerable.Range(0, mutations.Count).GroupBy(i => lanes[i]))
        {
            var (message, bytes) = (new List<int>(), 0);
            foreach (var place in places)
            {
                var size = mutations[place].CalculateSize();
                if (message.Count == MaxParts || (message.Count > 0 && bytes + size > MaxBytes))
                {
                    messages.Add(message);
                    (message, bytes) = ([], 0);
                }
                message.Add(place);
                bytes += size;
            }
            messages.Add(message);
        }
        return messages;
    }
}
