using Savepoint.Documents;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>A condition on a property: one that is not there meets none, but <c>!=</c>.</summary>
/// <param name="Path">The property.</param>
/// <param name="Operator">One of <c>=</c>, <c>!=</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>exists</c>.</param>
/// <param name="Value">What it is compared with: of the same kind; integers and doubles compare with each other. None for <c>exists</c>.</param>
public sealed record BulkCondition(string Path, string Operator, Value Value)
{
    internal static IReadOnlyList<string> Operators { get; } = ["=", "!=", "<", "<=", ">", ">=", "exists"];

    internal bool Holds(Document document)
    {
        var exists = document.TryGet(Documents.Path.Parse(Path), out var present);
        if (Operator is "exists" or "!=" && !exists)
            return Operator == "!=";
        if (!exists)
            return false;
        return Operator switch
        {
            "exists" => true,
            "=" => present == Value || Order(present) == 0,
            "!=" => present != Value && Order(present) != 0,
            "<" => Order(present) < 0,
            "<=" => Order(present) <= 0,
            ">" => Order(present) > 0,
            _ => Order(present) >= 0,
        };
    }

    /// <returns>Null when the two have no order.</returns>
    private int? Order(Value present) => (present.Kind, Value.Kind) switch
    {
        (ValueKind.Int64, ValueKind.Int64) => present.AsInt64().CompareTo(Value.AsInt64()),
        (ValueKind.Int64 or ValueKind.Double, ValueKind.Int64 or ValueKind.Double) => Number(present).CompareTo(Number(Value)),
        (ValueKind.String, ValueKind.String) => string.CompareOrdinal(present.AsString(), Value.AsString()),
        (ValueKind.Timestamp, ValueKind.Timestamp) => present.AsTimestamp().CompareTo(Value.AsTimestamp()),
        _ => null,
    };

    private static double Number(Value value) => value.Kind == ValueKind.Int64 ? value.AsInt64() : value.AsDouble();
}
