using Google.Protobuf;
using Savepoint.Cluster.Peers.Links;
using Savepoint.Cluster.Peers.Serving;
using Savepoint.Engine;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers;

/// <summary>
/// Serves the requests of other nodes with this node's own engine. It forwards none: what this node does not own is answered with what it knows of the owner.
/// All methods may be called from several threads at once. It stays on the scheduler of its callers.
/// </summary>
/// <param name="engine">The engine of this node.</param>
/// <param name="maps">Say who this node is, and who owns what it does not.</param>
/// <param name="answers">Answer calls.</param>
/// <param name="options">Limits and times.</param>
/// <param name="time">The clock.</param>
public sealed class PeerHost(StateEngine engine, IShardMaps maps, PeerAnswers answers, PeerOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, ServedLink> _links = [];

    /// <summary>How many other nodes are connected.</summary>
    internal int Connections
    {
        get
        {
            lock (_gate)
                return _links.Count;
        }
    }

    internal StateEngine Engine => engine;

    internal IShardMaps Maps => maps;

    internal PeerAnswers Answers => answers;

    internal PeerOptions Options => options;

    internal TimeProvider Time => time;

    /// <summary>
    /// Serves one connection until it ends, and disposes of it. That it comes from a node of the cluster is for the caller to know. Throws nothing: what goes
    /// wrong with a connection ends that connection only.
    /// </summary>
    /// <param name="duplex">The connection.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>Why it ended, for the log.</returns>
    public async Task<string> RunAsync(IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(duplex);
        var (node, refusal) = await GreetAsync(duplex, cancellationToken);
        if (refusal is not null)
        {
            await duplex.DisposeAsync();
            return refusal;
        }

        // A node has one link: an earlier one is dead, and does not know it.
        var link = new ServedLink(this);
        ServedLink? former;
        lock (_gate)
        {
            _links.Remove(node, out former);
            _links.Add(node, link);
        }

        former?.Break("The node has connected again.");
        using (cancellationToken.UnsafeRegister(static link => ((ServedLink)link!).Break("This node stops."), link))
            refusal = await link.RunAsync(duplex);
        lock (_gate)
        {
            if (_links.TryGetValue(node, out var present) && present == link)
                _links.Remove(node);
        }

        return refusal;
    }

    private async Task<(Guid Node, string? Refusal)> GreetAsync(IFrameDuplex duplex, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(options.SilenceLimit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var message = await PeerProtocol.ReceiveAsync(duplex, ending.Token);
            if (message.BodyCase != PeerMessage.BodyOneofCase.Hello)
                return (default, "The first message has to be Hello.");
            var hello = message.Hello;
            var version = PeerProtocol.Agree(hello.MinVersion, hello.MaxVersion);
            if (Judge(hello, version) is { } reason)
            {
                await PeerProtocol.SendAsync(duplex, new PeerMessage { Refused = new PeerRefused { Reason = reason } }, ending.Token);
                await duplex.CloseAsync(reason, ending.Token);
                return (default, reason);
            }

            var welcome = new PeerWelcome { Version = version, Node = IdBytes.Of(maps.Self.Id), Database = IdBytes.Of(engine.DatabaseId) };
            await PeerProtocol.SendAsync(duplex, new PeerMessage { Welcome = welcome }, ending.Token);
            return (IdBytes.Read(hello.Node), null);
        }
        catch (Exception exception) when (PeerProtocol.IsLinkFailure(exception))
        {
            return (default, exception.Message);
        }
    }

    private string? Judge(PeerHello hello, uint version)
    {
        if (version == 0)
            return $"This node speaks the versions {PeerProtocol.MinVersion} to {PeerProtocol.MaxVersion}.";
        if (IdBytes.Read(hello.ExpectedNode) != maps.Self.Id)
            return "This is another node.";
        return IdBytes.Read(hello.Database) == engine.DatabaseId ? null : "This node serves another database.";
    }
}
