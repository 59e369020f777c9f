using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Incoming;

namespace Savepoint.Streams.Connections;

/// <summary>Takes a client's frames apart, on the connection's own flow. Units and batches go the quick way, all else through the generated messages.</summary>
internal sealed class FrameDispatcher(StreamConnection connection)
{
    private const uint ReceivedThrough = 1 << 3;
    private const uint Messages = (2 << 3) | 2;
    private const uint RequestNumber = 1 << 3;
    private const uint UnitBody = (3 << 3) | 2;
    private const uint BatchBody = (11 << 3) | 2;
    private const int FirstBody = 2;

    private readonly RequestDispatcher _requests = new(connection);

    /// <summary>Handles all messages of a frame. What stands before a broken message has been done by then.</summary>
    /// <returns>Whether the connection can go on; if not, the error that ends it is on its way.</returns>
    public bool Dispatch(ReadOnlyMemory<byte> frame)
    {
        try
        {
            var reader = new WireReader(frame.Span);
            while (!reader.IsAtEnd)
            {
                var tag = reader.ReadTag();
                if (tag == ReceivedThrough)
                    _requests.ReceivedThrough(reader.ReadVarint());
                else if (tag == Messages)
                    DispatchMessage(reader[reader.ReadSlice()]);
                else
                    reader.Skip(tag);
            }

            return true;
        }
        catch (Exception exception) when (exception is MalformedFrameException or InvalidProtocolBufferException)
        {
            connection.Fail(ErrorCodes.MalformedFrame, exception.Message);
            return false;
        }
    }

    private void DispatchMessage(ReadOnlySpan<byte> message)
    {
        ulong request = 0;
        var (body, content) = (0u, default(Slice));
        var reader = new WireReader(message);
        while (!reader.IsAtEnd)
        {
            var tag = reader.ReadTag();
            if (tag == RequestNumber)
            {
                request = reader.ReadVarint();
                continue;
            }

            if (tag is UnitBody or BatchBody)
            {
                (body, content) = (tag, reader.ReadSlice());
                continue;
            }

            if (tag >> 3 >= FirstBody)
                body = 0;
            reader.Skip(tag);
        }

        if (body == UnitBody)
            _requests.Unit(request, reader[content]);
        else if (body == BatchBody)
            _requests.Batch(request, reader[content]);
        else
            DispatchOther(ClientMessage.Parser.ParseFrom(message));
    }

    private void DispatchOther(ClientMessage message)
    {
        switch (message.BodyCase)
        {
            case ClientMessage.BodyOneofCase.Ping:
                connection.Push(new ServerMessage { Request = message.Request, Pong = new Pong { Token = message.Ping.Token } });
                break;
            case ClientMessage.BodyOneofCase.Hello:
                throw new MalformedFrameException("Hello was said already.");
            default:
                _requests.Dispatch(message);
                break;
        }
    }
}
