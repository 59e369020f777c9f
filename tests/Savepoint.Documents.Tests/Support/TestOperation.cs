namespace Savepoint.Documents.Tests;

/// <summary>An operation as plain data, for generators and the model.</summary>
internal sealed record TestOperation(OperationKind Kind, Path Path, Value Value, Value Min = default, Value Max = default)
{
    public static byte[] Encode(IEnumerable<TestOperation> operations)
    {
        var writer = new DeltaWriter();
        foreach (var operation in operations)
            operation.Write(writer);
        return writer.ToArray();
    }

    public override string ToString() => $"{Kind} {Path} {Value} [{Min}, {Max}]";

    private void Write(DeltaWriter writer)
    {
        switch (Kind)
        {
            case OperationKind.Set:
                writer.Set(Path, Value);
                break;
            case OperationKind.Remove:
                writer.Remove(Path);
                break;
            case OperationKind.Insert:
                writer.Insert(Path, Value);
                break;
            case OperationKind.Clear:
                writer.Clear(Path);
                break;
            case OperationKind.Increment when Value.TryGetInt64(out var amount):
                writer.Increment(Path, amount, Min.IsNone ? null : Min.AsInt64(), Max.IsNone ? null : Max.AsInt64());
                break;
            default:
                writer.Increment(Path, Value.AsDouble(), Min.IsNone ? null : Min.AsDouble(), Max.IsNone ? null : Max.AsDouble());
                break;
        }
    }
}
