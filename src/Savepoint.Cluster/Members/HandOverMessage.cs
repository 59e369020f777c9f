using System.Buffers.Binary;

namespace Savepoint.Cluster.Members;

/// <summary>What the owner of a shard tells the next one: six bytes, and an answer of one. It is a hint; the tables say who owns what.</summary>
/// <param name="Step">What is about to happen, or has.</param>
/// <param name="Shard">The shard.</param>
internal readonly record struct HandOverMessage(HandOverStep Step, int Shard)
{
    private const byte Format = 1;
    private const int Length = 6;

    private static readonly byte[] YesBytes = [1];
    private static readonly byte[] NoBytes = [0];

    public static ReadOnlyMemory<byte> Answer(bool yes) => yes ? YesBytes : NoBytes;

    public static bool IsYes(ReadOnlyMemory<byte> answer) => answer.Length == 1 && answer.Span[0] == 1;

    /// <returns>False for what a newer or a strange program says.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, int shards, out HandOverMessage message)
    {
        message = default;
        if (bytes.Length != Length || bytes.Span[0] != Format)
            return false;
        message = new HandOverMessage((HandOverStep)bytes.Span[1], BinaryPrimitives.ReadInt32LittleEndian(bytes.Span[2..]));
        return message.Step is HandOverStep.Prepare or HandOverStep.Take && message.Shard >= 0 && message.Shard < shards;
    }

    public ReadOnlyMemory<byte> ToBytes()
    {
        var bytes = new byte[Length];
        (bytes[0], bytes[1]) = (Format, (byte)Step);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(2), Shard);
        return bytes;
    }
}

/// <summary>The steps of a hand-over that the next owner hears of. The numbers are sent.</summary>
internal enum HandOverStep : byte
{
    /// <summary>The shard is about to come; the answer says whether it is welcome.</summary>
    Prepare = 1,

    /// <summary>The shard is there; the answer says that it is served.</summary>
    Take = 2,
}
