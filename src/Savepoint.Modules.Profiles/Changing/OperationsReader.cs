using Savepoint.Documents;
using Savepoint.Hosting.Requests;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>Reads a list of operations, as they stand in a request, into a delta.</summary>
internal static class OperationsReader
{
    /// <summary>The most operations of one change.</summary>
    public const int Max = 65_536;

    private const string Op = "op", Path = "path", Value = "value", By = "by", Lowest = "min", Highest = "max";

    /// <exception cref="Hosting.Problems.ProblemException">An operation is not one; the message says which.</exception>
    public static byte[] Read(JsonObjects operations)
    {
        var delta = new DeltaWriter();
        foreach (var operation in operations)
            Read(operation.Read(), delta);
        return delta.ToArray();
    }

    private static void Read(JsonFields operation, DeltaWriter delta)
    {
        var path = operation.RequiredPath(Path);
        try
        {
            switch (operation.RequiredText(Op))
            {
                case "set":
                    delta.Set(path, operation.RequiredValue(Value));
                    break;
                case "remove":
                    delta.Remove(path);
                    break;
                case "increment":
                    Increment(operation, path, delta);
                    break;
                case "insert":
                    delta.Insert(path, operation.RequiredValue(Value));
                    break;
                case "clear":
                    delta.Clear(path);
                    break;
                default:
                    throw operation.Wrong(Op, "is set, remove, increment, insert or clear");
            }
        }
        catch (DocumentException exception)
        {
            throw JsonFields.Refused(exception, operation.Place);
        }

        operation.EndOfFields();
    }

    private static void Increment(JsonFields operation, Documents.Path path, DeltaWriter delta)
    {
        var (by, min, max) = (operation.RequiredValue(By), operation.Value(Lowest), operation.Value(Highest));
        if (by.Kind is not (ValueKind.Int64 or ValueKind.Double))
            throw operation.Wrong(By, "has to be a number");
        if ((!min.IsNone && min.Kind != by.Kind) || (!max.IsNone && max.Kind != by.Kind))
            throw operation.Wrong(By, "and its bounds have to be all whole numbers, or all with a point");
        try
        {
            if (by.TryGetInt64(out var amount))
                delta.Increment(path, amount, min.IsNone ? null : min.AsInt64(), max.IsNone ? null : max.AsInt64());
            else
                delta.Increment(path, by.AsDouble(), min.IsNone ? null : min.AsDouble(), max.IsNone ? null : max.AsDouble());
        }
        catch (ArgumentException)
        {
            throw operation.Wrong(Lowest, "is above the maximum");
        }
    }
}
