using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>Whether a link took a request.</summary>
internal enum SendResult
{
    Sent,

    /// <summary>As much waits as may.</summary>
    Full,

    /// <summary>The link has ended.</summary>
    Broken,
}

/// <summary>
/// A link to another node, for all requests of this one to that one. It takes requests from the start: they wait until it is connected. Once it has ended
/// another one takes its place. Requests and what follows them keep their order.
/// </summary>
internal sealed class PeerLink(ClusterNode node, PeerLinks links)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, LinkRequest> _requests = [];
    private readonly PeerChannel _channel = new(links.Options, links.Time);
    private ulong _lastId;
    private int _unanswered;
    private string? _failure;
    private bool _isOver;

    public ClusterNode Node => node;

    /// <summary>Whether the other node has said Welcome.</summary>
    public bool IsOpen { get; private set; }

    private PeerOptions Options => links.Options;

    /// <summary>Connects, and serves the link until it ends. Throws nothing.</summary>
    public async Task RunAsync()
    {
        // Whoever asked for the link may hold locks of the engine.
        await Task.Yield();
        var reason = await ConnectAsync() is { } duplex ? await _channel.RunAsync(duplex, Receive) : _failure!;
        End(reason);
    }

    /// <summary>Ends the link.</summary>
    public void Break(string reason) => _channel.Break(reason);

    /// <summary>Has a link that was never run take nothing.</summary>
    public void Void()
    {
        lock (_gate)
            _isOver = true;
    }

    public PeerLinkSnapshot Snapshot()
    {
        lock (_gate)
            return new PeerLinkSnapshot(node, IsOpen, _unanswered, _requests.Count - _unanswered, _channel.Outbox.QueuedBytes);
    }

    /// <summary>Sends a request.</summary>
    public SendResult TrySend(LinkRequest request)
    {
        lock (_gate)
        {
            if (_isOver)
                return SendResult.Broken;
            if (_unanswered >= Options.MaxUnanswered)
                return SendResult.Full;
            (request.Link, request.Id, request.IsAnswered) = (this, _lastId + 1, false);
            var message = request.Write();
            message.Id = request.Id;
            if (!_channel.Outbox.TryAdd(message, Options.MaxQueuedBytes, request.IsUrgent))
            {
                request.Reset();
                return SendResult.Full;
            }

            _lastId++;
            _requests.Add(request.Id, request);
            _unanswered++;
            return SendResult.Sent;
        }
    }

    /// <summary>Takes a request off the link, so that nothing more comes for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="farewell">What the other node is told; null for nothing.</param>
    public void Leave(LinkRequest request, PeerMessage? farewell)
    {
        lock (_gate)
        {
            if (request.Link != this || !_requests.Remove(request.Id))
                return;
            if (!request.IsAnswered)
                _unanswered--;
            if (farewell is not null)
            {
                farewell.Id = request.Id;
                if (!_channel.Outbox.TryAdd(farewell, Options.MaxQueuedBytes * 2L))
                    Break("Too much waits to be sent.");
            }

            request.Reset();
        }
    }

    private async Task<IFrameDuplex?> ConnectAsync()
    {
        using var late = new CancellationTokenSource(Options.SilenceLimit, links.Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _channel.Ended);
        IFrameDuplex? duplex = null;
        try
        {
            duplex = await links.Connector.ConnectAsync(node, ending.Token);
            await PeerProtocol.SendAsync(duplex, Hello(), ending.Token);
            Check(await PeerProtocol.ReceiveAsync(duplex, ending.Token));
            lock (_gate)
                IsOpen = true;
            return duplex;
        }
        catch (Exception exception) when (PeerProtocol.IsLinkFailure(exception))
        {
            _failure = exception.Message;
        }
#pragma warning disable CA1031 // A fault of the connector ends the attempt: those who wait have to be told.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _failure = fault.ToString();
        }

        if (duplex is not null)
            await duplex.DisposeAsync();
        return null;
    }

    private PeerMessage Hello() => new()
    {
        Hello = new PeerHello
        {
            MinVersion = PeerProtocol.MinVersion,
            MaxVersion = PeerProtocol.MaxVersion,
            Node = IdBytes.Of(links.Self.Id),
            ExpectedNode = IdBytes.Of(node.Id),
            Database = IdBytes.Of(links.DatabaseId),
        },
    };

    private void Check(PeerMessage answer)
    {
        if (answer.BodyCase == PeerMessage.BodyOneofCase.Refused)
            throw new IOException(answer.Refused.Reason);
        if (answer.BodyCase != PeerMessage.BodyOneofCase.Welcome)
            throw new InvalidDataException("The other node does not answer Hello.");
        if (answer.Welcome.Version is < PeerProtocol.MinVersion or > PeerProtocol.MaxVersion)
            throw new IOException("The other node chose a version that this one does not speak.");
        if (IdBytes.Read(answer.Welcome.Node) != node.Id || IdBytes.Read(answer.Welcome.Database) != links.DatabaseId)
            throw new IOException("It is another node, or one of another database.");
    }

    private void Receive(PeerMessage message)
    {
        LinkRequest? request;
        lock (_gate)
        {
            // One that was left may still get what was on its way.
            if (!_requests.TryGetValue(message.Id, out request))
                return;
            if (!request.IsAnswered)
                _unanswered--;
            request.IsAnswered = true;
            if (request.EndsWith(message))
            {
                _requests.Remove(message.Id);
                request.Link = null;
            }
        }

        request.Take(message);
    }

    private void End(string reason)
    {
        List<LinkRequest> left;
        lock (_gate)
        {
            _isOver = true;
            left = [.. _requests.Values.OrderBy(request => request.Id)];
            _requests.Clear();
            _unanswered = 0;
            foreach (var request in left)
                request.Link = null;
        }

        _channel.Break(reason);
        _channel.Outbox.Close();
        links.Remove(this, reason);
        foreach (var request in left)
            request.Broken(IsOpen, reason);
    }
}
