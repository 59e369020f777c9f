#if NET
using Google.Protobuf;

namespace Savepoint.Protocol;

/// <summary>Ids as they are sent: 16 bytes in the order in which they are written, or none for the empty id.</summary>
internal static class IdBytes
{
    public static ByteString Of(Guid id) => id == Guid.Empty ? ByteString.Empty : ByteString.CopyFrom(id.ToByteArray(bigEndian: true));

    /// <exception cref="InvalidDataException">It is none.</exception>
    public static Guid Read(ByteString bytes) => bytes.Length switch
    {
        0 => Guid.Empty,
        16 => new Guid(bytes.Span, bigEndian: true),
        _ => throw new InvalidDataException("An id has 16 bytes."),
    };
}
#endif
