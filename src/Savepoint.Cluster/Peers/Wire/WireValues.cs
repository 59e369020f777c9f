using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Simple values as they are sent. What can't be read is an <see cref="InvalidDataException"/>.</summary>
internal static class WireValues
{
    /// <summary>Not copied: the message has to be encoded before the bytes change.</summary>
    public static ByteString Of(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    public static PeerNode Of(ClusterNode node) => new()
    {
        Id = IdBytes.Of(node.Id),
        Name = node.Name,
        Address = node.Address.OriginalString,
        FeatureLevel = node.FeatureLevel,
    };

    public static ClusterNode Read(PeerNode node) => Uri.TryCreate(node.Address, UriKind.Absolute, out var address)
        ? new ClusterNode(IdBytes.Read(node.Id), node.Name, address, node.FeatureLevel)
        : throw new InvalidDataException("The address of a node is none.");

    public static DateTimeOffset ReadTime(long ticks) => ticks >= 0 && ticks <= DateTimeOffset.MaxValue.Ticks
        ? new DateTimeOffset(ticks, TimeSpan.Zero)
        : throw new InvalidDataException("A time is out of range.");
}
