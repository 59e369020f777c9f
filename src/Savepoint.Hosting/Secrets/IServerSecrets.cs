namespace Savepoint.Hosting.Secrets;

/// <summary>Gives parts of the server secret bytes of their own, so that none has to keep a file or share one with other nodes.</summary>
public interface IServerSecrets
{
    /// <summary>
    /// Derives secret bytes: the same on all nodes of a cluster and after a restart (but of a server that keeps its state in memory), and unrelated for each purpose. May
    /// be called from several threads at once.
    /// </summary>
    /// <param name="purpose">What they are for, as <c>player tokens 0 634</c>; everybody who names the same gets the same.</param>
    /// <param name="secret">Where to put them; at most 8,160 bytes.</param>
    /// <returns>False while the server has not started, and does not know its secret.</returns>
    bool TryDerive(string purpose, Span<byte> secret);
}
