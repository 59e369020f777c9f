using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>
/// A client that somebody else might have written, from the description of the protocol alone: a WebSocket and messages, one request at a time. It connects to
/// any node, names the same writer each time, and sends what has no answer again under its number.
/// </summary>
internal sealed class ForeignClient(string name, Func<Uri> nextEndpoint) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private IFrameDuplex? _duplex;
    private ByteString _writer = ByteString.Empty;
    private ulong _request;

    public int Connections { get; private set; }

    /// <summary>Adds one to a counter, however long it takes.</summary>
    /// <returns>The version.</returns>
    public async Task<long> IncrementAsync(string id, CancellationToken cancellationToken)
    {
        var delta = new DeltaWriter();
        delta.Increment("count", 1L);
        var unit = new Unit();
        unit.Mutations.Add(new Mutation { Kind = "profile", Id = id, Delta = ByteString.CopyFrom(delta.WrittenSpan) });
        var message = new ClientMessage { Request = ++_request, Unit = unit };
        var since = DateTime.UtcNow;
        while (true)
        {
            try
            {
                var answer = await AskAsync(message, DateTime.UtcNow - since, cancellationToken);
                if (answer.BodyCase == ServerMessage.BodyOneofCase.UnitCommitted)
                    return (long)answer.UnitCommitted.Versions[0];

                // What became of it nobody knows: under its number it has one outcome, however often it is sent.
                if (answer.Error is not { } error || !(error.Transient || error.OutcomeUnknown))
                    throw new InvalidOperationException($"{name}: {answer}");
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(20, error.RetryAfterMs)), cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or System.Net.WebSockets.WebSocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Whatever broke it, it is somebody else's turn.
                await DropAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync() => await DropAsync();

    private async Task<ServerMessage> AskAsync(ClientMessage message, TimeSpan idle, CancellationToken cancellationToken)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Patience);
        _duplex ??= await ConnectAsync(idle, late.Token);
        late.CancelAfter(Patience * 5);
        var frame = new ClientFrame { ReceivedThrough = message.Request - 1 };
        frame.Messages.Add(message);
        await _duplex.SendAsync(frame.ToByteArray(), late.Token);
        return await NextAsync(_duplex, answer => answer.Request == message.Request, late.Token);
    }

    private async Task<IFrameDuplex> ConnectAsync(TimeSpan idle, CancellationToken cancellationToken)
    {
        var duplex = await TestCluster.OpenAsync(nextEndpoint(), cancellationToken);
        try
        {
            Connections++;
            var frame = new ClientFrame();
            frame.Messages.Add(new ClientMessage
            {
                Hello = new Hello { GameServer = new GameServerCredentials { Name = name, Secret = TestCluster.Secret }, Writer = _writer, IdleMs = (ulong)idle.TotalMilliseconds },
            });
            await duplex.SendAsync(frame.ToByteArray(), cancellationToken);
            var answer = await NextAsync(duplex, _ => true, cancellationToken);
            if (answer.Welcome is not { } welcome)
                throw answer.Error is { Transient: true } ? new IOException(answer.ToString()) : new InvalidOperationException($"{name}: {answer}");
            _writer = welcome.Writer;
            return duplex;
        }
        catch
        {
            await duplex.DisposeAsync();
            throw;
        }
    }

    private static async Task<ServerMessage> NextAsync(IFrameDuplex duplex, Predicate<ServerMessage> wanted, CancellationToken cancellationToken)
    {
        while (await duplex.ReceiveAsync(cancellationToken) is { } frame)
        {
            if (ServerFrame.Parser.ParseFrom(frame.Span).Messages.FirstOrDefault(message => wanted(message)) is { } found)
                return found;
        }

        throw new IOException("The node has closed the connection.");
    }

    private async Task DropAsync()
    {
        if (_duplex is not null)
            await _duplex.DisposeAsync();
        _duplex = null;
    }
}
