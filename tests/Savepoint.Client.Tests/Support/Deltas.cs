namespace Savepoint.Client.Tests;

public static class Deltas
{
    public static byte[] Written(Action<DeltaWriter> write)
    {
        var delta = new DeltaWriter();
        write(delta);
        return delta.ToArray();
    }
}
