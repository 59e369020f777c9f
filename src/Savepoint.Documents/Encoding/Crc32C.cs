using System.Buffers.Binary;
#if NET
using System.Numerics;
#endif

namespace Savepoint.Documents;

/// <summary>CRC-32C (Castagnoli, RFC 3720 section 12.1): the checksum of documents, journal records and partial views.</summary>
public static class Crc32C
{
    /// <summary>Computes the checksum of bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The checksum; 0xE3069283 for the ASCII digits 1 to 9.</returns>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(0, bytes);

    /// <summary>Continues a checksum over more bytes.</summary>
    /// <param name="checksum">The checksum of what came before; 0 at the start.</param>
    /// <param name="bytes">What follows.</param>
    /// <returns>The checksum of both together.</returns>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        var crc = ~checksum;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = Step(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var b in bytes)
            crc = Step(crc, b);
        return ~crc;
    }

#if NET
    private static uint Step(uint crc, ulong data) => BitOperations.Crc32C(crc, data);

    private static uint Step(uint crc, byte data) => BitOperations.Crc32C(crc, data);
#else
    private static readonly uint[] Table = MakeTable();

    private static uint Step(uint crc, ulong data)
    {
        for (var i = 0; i < sizeof(ulong); i++)
            crc = Step(crc, (byte)(data >> (8 * i)));
        return crc;
    }

    private static uint Step(uint crc, byte data) => (crc >> 8) ^ Table[(byte)crc ^ data];

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < table.Length; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
                entry = (entry >> 1) ^ (0x82F63B78 & (0u - (entry & 1)));
            table[i] = entry;
        }
        return table;
    }
#endif
}
