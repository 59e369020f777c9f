using Savepoint.Documents;
using Savepoint.Engine.Kinds;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>Reads what intents are given and what documents hold; a wrong type counts as missing.</summary>
internal static class Arguments
{
    public static string? Text(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetString(out var text) ? text : null;

    public static long Number(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetInt64(out var number) ? number : 0;

    public static bool Flag(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetBoolean(out var flag) && flag;

    public static DateTimeOffset Moment(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetTimestamp(out var moment) ? moment : default;

    public static ReadOnlyMemory<byte> Bytes(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetBytes(out var bytes) ? bytes : default;

    public static MapValue? Map(this MapValue map, string key) => map.TryGet(key, out var value) && value.TryGetMap(out var inner) ? inner : null;

    /// <summary>Puts an entry into a map of the document, which is made where it is missing.</summary>
    public static void Put(this IntentContext context, string map, string key, Value value)
    {
        if (context.Document.Root.Map(map) is not null)
            context.Delta.Set(Documents.Path.Root.Child(map).Child(key), value);
        else
            context.Delta.Set(Documents.Path.Root.Child(map), new MapBuilder { { key, value } });
    }
}
