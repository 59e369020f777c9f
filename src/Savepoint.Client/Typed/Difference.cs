namespace Savepoint.Client;

/// <summary>Sets numbers by their difference to what is there.</summary>
internal static class Difference
{
    public static void Set(DocumentHost host, Path path, long value, long fallback) =>
        host.Edit((host, path, value, fallback), static (delta, edit) =>
        {
            var present = edit.host.Present(edit.path);
            if (present.IsNone)
                SetAbsent(delta, edit.path, edit.value, edit.fallback);
            else if (present.AsInt64() is var there && there != edit.value)
                delta.Increment(edit.path, Between(edit.value, there));
        });

    public static void Set(DocumentHost host, Path path, double value, double fallback) =>
        host.Edit((host, path, value, fallback), static (delta, edit) =>
        {
            var present = edit.host.Present(edit.path);
            if (present.IsNone)
                SetAbsent(delta, edit.path, edit.value, edit.fallback);
            else if (!present.AsDouble().Equals(edit.value))
                delta.Increment(edit.path, edit.value - present.AsDouble());
        });

    // An increment counts absence as 0; the default has to be there first.
    private static void SetAbsent(DeltaWriter delta, Path path, long value, long fallback)
    {
        if (fallback != 0)
            delta.Set(path, fallback);
        delta.Increment(path, Between(value, fallback));
    }

    private static void SetAbsent(DeltaWriter delta, Path path, double value, double fallback)
    {
        if (fallback != 0)
            delta.Set(path, fallback);
        delta.Increment(path, value - fallback);
    }

    private static long Between(long value, long present)
    {
        try
        {
            return checked(value - present);
        }
        catch (OverflowException)
        {
            throw new DocumentException(DocumentError.Overflow);
        }
    }
}
