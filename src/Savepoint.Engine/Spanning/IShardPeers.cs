namespace Savepoint.Engine.Spanning;

/// <summary>Asks the owners of shards that this engine does not serve. Calls may come from several threads at once.</summary>
public interface IShardPeers
{
    /// <summary>
    /// Brings a request to the present owner of a shard, as far as that is known, whose <see cref="StateEngine.AnswerAsync"/> answers it. A call may be lost,
    /// delivered more than once, or late, and may reach a former owner: the protocol allows for it.
    /// </summary>
    /// <param name="shard">The shard.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait, soon after it is cancelled; the call may take effect all the same.</param>
    /// <exception cref="IOException">Nobody could be reached, or the connection broke before the answer came.</exception>
    ValueTask<ReadOnlyMemory<byte>> CallAsync(int shard, ReadOnlyMemory<byte> request, CancellationToken cancellationToken);

    /// <summary>Who answered does not own the shard: another should be found for it soon.</summary>
    void Doubt(int shard);
}
