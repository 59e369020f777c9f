namespace Savepoint.Client;

/// <summary>Fills in what a document lacks of a template.</summary>
internal static class TemplateFill
{
    public static void Write(DeltaWriter delta, Path path, MapValue present, MapValue template)
    {
        foreach (var (key, wanted) in template)
        {
            if (!present.TryGet(key, out var there))
                delta.Set(path.Child(key), wanted);
            else if (there.TryGetMap(out var thereMap) && wanted.TryGetMap(out var wantedMap))
                Write(delta, path.Child(key), thereMap, wantedMap);
        }
    }
}
