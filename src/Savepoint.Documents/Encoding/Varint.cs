#if NET
using System.Numerics;
#endif

namespace Savepoint.Documents;

/// <summary>Base-128 integers, low bits first, always in their shortest form.</summary>
internal static class Varint
{
    public const int MaxSize = 10;

    public static int Size(ulong value)
    {
#if NET
        return ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;
#else
        var size = 1;
        while ((value >>= 7) != 0)
            size++;
        return size;
#endif
    }

    public static int Size(int value) => Size((uint)value);

    public static int ZigZagSize(long value) => Size(ZigZag(value));

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
