using Savepoint.Cluster.Peers.Links;

namespace Savepoint.Cluster.Peers;

/// <summary>
/// The links of this node to others: one for each node that it asks, made when it first asks it, for everything that it asks it. All methods may be called
/// from several threads at once. It stays on the scheduler of its callers.
/// </summary>
public sealed class PeerLinks : IPeers, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, PeerLink> _links = [];
    private readonly HashSet<Task> _running = [];
    private readonly PeerAnswers _answers;
    private readonly Func<Guid> _databaseId;
    private bool _isDisposed;

    /// <summary>Makes the links of a node.</summary>
    /// <param name="self">This node.</param>
    /// <param name="databaseId">The identity of its database, once its engine is started.</param>
    /// <param name="connector">Connects to others.</param>
    /// <param name="answers">Answers calls that this node makes to itself.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="time">The clock.</param>
    public PeerLinks(ClusterNode self, Func<Guid> databaseId, IPeerConnector connector, PeerAnswers answers, PeerOptions options, TimeProvider time)
    {
        (Self, _databaseId, Connector, _answers, Options, Time) = (self, databaseId, connector, answers, options, time);
    }

    /// <summary>Told of each link that has ended, and why, for the log; called on the link's own flow.</summary>
    public Action<ClusterNode, string>? LinkEnded { get; set; }

    internal ClusterNode Self { get; }

    internal Guid DatabaseId => _databaseId();

    internal IPeerConnector Connector { get; }

    internal PeerOptions Options { get; }

    internal TimeProvider Time { get; }

    /// <summary>A moment's view of the links.</summary>
    public IReadOnlyList<PeerLinkSnapshot> Snapshot()
    {
        lock (_gate)
            return [.. _links.Values.Select(link => link.Snapshot())];
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> CallAsync(
        ClusterNode node, PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(node);
        cancellationToken.ThrowIfCancellationRequested();
        if (node.Id == Self.Id)
            return await CallSelfAsync(kind, request, cancellationToken);

        var call = new CallRequest(kind, request);
        var link = LinkTo(node);
        if (link.TrySend(call) is not SendResult.Sent and var result)
            throw new IOException(result == SendResult.Full ? "As much waits for the node as may." : "The link to the node has just ended.");
        using var registration = cancellationToken.UnsafeRegister(_ => call.Cancel(link, cancellationToken), null);
        return await call.Answer;
    }

    /// <summary>Ends all links; what waits on them fails.</summary>
    public async ValueTask DisposeAsync()
    {
        PeerLink[] links;
        Task[] running;
        lock (_gate)
        {
            _isDisposed = true;
            links = [.. _links.Values];
            running = [.. _running];
        }

        foreach (var link in links)
            link.Break("This node stops.");
        await Task.WhenAll(running);
    }

    /// <summary>The link to a node, which may not be connected yet, or have ended just now.</summary>
    internal PeerLink LinkTo(ClusterNode node)
    {
        PeerLink link;
        lock (_gate)
        {
            if (_links.TryGetValue(node.Id, out var present))
                return present;
            link = new PeerLink(node, this);
            if (_isDisposed)
            {
                link.Void();
                return link;
            }

            _links.Add(node.Id, link);
        }

        var running = link.RunAsync();
        lock (_gate)
        {
            _running.RemoveWhere(static task => task.IsCompleted);
            _running.Add(running);
        }

        return link;
    }

    internal void Remove(PeerLink link, string reason)
    {
        lock (_gate)
        {
            if (_links.TryGetValue(link.Node.Id, out var present) && present == link)
                _links.Remove(link.Node.Id);
        }

        LinkEnded?.Invoke(link.Node, reason);
    }

    private async ValueTask<ReadOnlyMemory<byte>> CallSelfAsync(PeerCall kind, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var answer = _answers.Find(kind) ?? throw new IOException($"Nobody answers calls of the kind {kind}.");
        try
        {
            return await answer(request, cancellationToken);
        }
        catch (Exception failure) when (failure is not (IOException or OperationCanceledException))
        {
            throw new IOException(failure.Message, failure);
        }
    }
}

/// <summary>A moment's view of a link.</summary>
/// <param name="Node">The node at the other end.</param>
/// <param name="IsOpen">Whether it is connected.</param>
/// <param name="Unanswered">Requests without an answer.</param>
/// <param name="Watches">Watches and sessions that go on over it.</param>
/// <param name="QueuedBytes">Bytes that wait to be sent.</param>
public sealed record PeerLinkSnapshot(ClusterNode Node, bool IsOpen, int Unanswered, int Watches, long QueuedBytes);
