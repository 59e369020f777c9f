using System.Globalization;
using System.Text.Json;

namespace Savepoint.Documents;

internal static class JsonValueWriter
{
    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Int64:
                writer.WriteNumberValue(value.AsInt64());
                break;
            case ValueKind.Double:
                writer.WriteRawValue(DoubleText(value.AsDouble()));
                break;
            case ValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                break;
            case ValueKind.String:
                writer.WriteStringValue(value.AsString());
                break;
            case ValueKind.Timestamp:
                writer.WriteStartObject();
                writer.WriteString(JsonText.Timestamp, TimestampText.Format(value.AsTimestamp()));
                writer.WriteEndObject();
                break;
            case ValueKind.Bytes:
                writer.WriteStartObject();
                writer.WriteBase64String(JsonText.Bytes, value.RawBytes);
                writer.WriteEndObject();
                break;
            case ValueKind.List:
                WriteList(writer, value.AsList());
                break;
            case ValueKind.Map:
                WriteMap(writer, value.AsMap());
                break;
            default:
                throw new DocumentException(DocumentError.NullValue);
        }
    }

    private static void WriteList(Utf8JsonWriter writer, ListValue list)
    {
        writer.WriteStartArray();
        foreach (var item in list)
            Write(writer, item);
        writer.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter writer, MapValue map)
    {
        writer.WriteStartObject();
        foreach (var (key, value) in map)
        {
            writer.WritePropertyName(JsonText.EscapeKey(key));
            Write(writer, value);
        }
        writer.WriteEndObject();
    }

    private static string DoubleText(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') >= 0 ? text : text + ".0";
    }
}
