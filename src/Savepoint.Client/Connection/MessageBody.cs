using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Encodes the body field of a ClientMessage.</summary>
internal static class MessageBody
{
    public static readonly byte[] Ping = Encode(new Ping());

    public static byte[] Encode(Hello message) => Encode(ClientMessage.HelloFieldNumber, message);

    public static byte[] Encode(Unit message) => Encode(ClientMessage.UnitFieldNumber, message);

    public static byte[] Encode(Batch message) => Encode(ClientMessage.BatchFieldNumber, message);

    public static byte[] Encode(OpenSession message) => Encode(ClientMessage.OpenSessionFieldNumber, message);

    public static byte[] Encode(EndSession message) => Encode(ClientMessage.EndSessionFieldNumber, message);

    public static byte[] Encode(Watch message) => Encode(ClientMessage.WatchFieldNumber, message);

    public static byte[] Encode(Unwatch message) => Encode(ClientMessage.UnwatchFieldNumber, message);

    public static byte[] Encode(Get message) => Encode(ClientMessage.GetFieldNumber, message);

    public static byte[] Encode(ListVersions message) => Encode(ClientMessage.ListVersionsFieldNumber, message);

    public static byte[] Encode(Ping message) => Encode(ClientMessage.PingFieldNumber, message);

    private static byte[] Encode(int field, IMessage message)
    {
        var size = message.CalculateSize();
        var tag = WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
        var bytes = new byte[CodedOutputStream.ComputeUInt32Size(tag) + CodedOutputStream.ComputeLengthSize(size) + size];
        var output = new CodedOutputStream(bytes);
        output.WriteTag(tag);
        output.WriteLength(size);
        message.WriteTo(output);
        output.CheckNoSpaceLeft();
        return bytes;
    }
}
