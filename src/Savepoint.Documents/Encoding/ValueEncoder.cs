namespace Savepoint.Documents;

/// <summary>Writes values in the canonical binary format.</summary>
internal static class ValueEncoder
{
    public static void Write(ref ByteWriter writer, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Int64:
                writer.WriteByte(ValueTag.Int64);
                writer.WriteZigZag(value.Bits);
                break;
            case ValueKind.Double:
                writer.WriteByte(ValueTag.Double);
                writer.WriteDouble(value.AsDouble());
                break;
            case ValueKind.Boolean:
                writer.WriteByte(value.AsBoolean() ? ValueTag.True : ValueTag.False);
                break;
            case ValueKind.String:
                writer.WriteByte(ValueTag.String);
                writer.WriteText(value.AsString(), (int)value.Bits);
                break;
            case ValueKind.Timestamp:
                writer.WriteByte(ValueTag.Timestamp);
                writer.WriteZigZag(value.Bits);
                break;
            case ValueKind.Bytes:
                writer.WriteByte(ValueTag.Bytes);
                writer.WriteVarint((ulong)value.RawBytes.Length);
                writer.WriteBytes(value.RawBytes);
                break;
            case ValueKind.List:
                writer.WriteByte(ValueTag.List);
                WriteItems(ref writer, value.AsList());
                break;
            case ValueKind.Map:
                writer.WriteByte(ValueTag.Map);
                WriteEntries(ref writer, value.AsMap());
                break;
            default:
                throw new DocumentException(DocumentError.NullValue);
        }
    }

    public static void WriteEntries(ref ByteWriter writer, MapValue map)
    {
        writer.WriteVarint((ulong)map.Count);
        for (var i = 0; i < map.Count; i++)
        {
            writer.WriteText(map.KeyAt(i));
            Write(ref writer, map.ValueAt(i));
        }
    }

    private static void WriteItems(ref ByteWriter writer, ListValue list)
    {
        writer.WriteVarint((ulong)list.Count);
        for (var i = 0; i < list.Count; i++)
            Write(ref writer, list[i]);
    }
}
