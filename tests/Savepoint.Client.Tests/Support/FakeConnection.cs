using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

internal sealed class FakeConnection(FakeServer server, InProcessDuplex duplex)
{
    private readonly Queue<ServerMessage> _outgoing = new();
    private readonly AsyncSignal _work = new();

    public FakeWriter? Writer { get; set; }

    public bool IsOpen { get; private set; } = true;

    public bool FollowsShardMap { get; set; }

    public async Task RunAsync()
    {
        var sending = SendAsync();
        try
        {
            while (await duplex.ReceiveAsync(default) is { } frame)
                Handle(ClientFrame.Parser.ParseFrom(frame.Span));
        }
        catch (System.IO.IOException)
        {
            // Cut.
        }
        IsOpen = false;
        server.Forget(this);
        _work.Set();
        await sending;
        await duplex.DisposeAsync();
    }

    public void Send(ServerMessage message)
    {
        _outgoing.Enqueue(message.Clone());
        _work.Set();
    }

    public void Break()
    {
        IsOpen = false;
        _work.Set();
        duplex.Break();
    }

    private void Handle(ClientFrame frame)
    {
        server.Frames.Add(frame);
        foreach (var message in frame.Messages)
        {
            if (message.BodyCase == ClientMessage.BodyOneofCase.Hello)
                Greet(message.Hello);
            else
                server.Handle(this, message);
        }
    }

    private void Greet(Hello hello)
    {
        Send(server.Greet(hello, this));
        if (FollowsShardMap && server.ShardMap is { } map)
            Send(new ServerMessage { ShardMap = map });
    }

    private async Task SendAsync()
    {
        try
        {
            while (IsOpen)
            {
                var frame = new ServerFrame();
                while (_outgoing.TryDequeue(out var message))
                    frame.Messages.Add(message);
                if (frame.Messages.Count > 0)
                    await duplex.SendAsync(frame.ToByteArray(), default);
                else
                    await _work.WaitAsync();
            }
        }
        catch (System.IO.IOException)
        {
            // Cut.
        }
    }
}
