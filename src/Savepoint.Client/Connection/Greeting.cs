using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>The first exchange on a connection: Hello, then Welcome or an error.</summary>
internal sealed class Greeting(Credentials credentials)
{
    /// <returns>The server's first frame, which begins with its welcome.</returns>
    /// <exception cref="SavepointException">The server refused, or is none.</exception>
    public async Task<ServerFrame> ExchangeAsync(IFrameDuplex duplex, Hello hello, CancellationToken cancellationToken)
    {
        await credentials.WriteToAsync(hello, cancellationToken);
        var frame = new FrameBuilder();
        frame.Begin(0);
        frame.Add(0, MessageBody.Encode(hello));
        await duplex.SendAsync(frame.Frame, cancellationToken);

        var answer = await duplex.ReceiveAsync(cancellationToken) ?? throw Refused("The server closed the connection without a welcome.");
        var first = Parse(answer.Span);
        var message = first.Messages.Count > 0 ? first.Messages[0] : null;
        return message?.BodyCase switch
        {
            ServerMessage.BodyOneofCase.Welcome => first,
            ServerMessage.BodyOneofCase.Error => throw SavepointException.From(message.Error),
            _ => throw Refused("The server did not begin with a welcome."),
        };
    }

    public static ServerFrame Parse(ReadOnlySpan<byte> frame)
    {
        try
        {
            return ServerFrame.Parser.ParseFrom(frame);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new System.IO.IOException("The server sent a malformed frame.", exception);
        }
    }

    private static SavepointException Refused(string message) => new(ClientErrorCodes.ConnectFailed, message) { IsTransient = true };
}
