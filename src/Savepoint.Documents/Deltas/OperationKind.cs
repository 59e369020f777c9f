namespace Savepoint.Documents;

/// <summary>What an operation of a delta does. The numbers are part of the binary format.</summary>
public enum OperationKind : byte
{
    /// <summary>Not an operation.</summary>
    None = 0,

    /// <summary>Puts a value at a map key or over a list item; makes missing maps on the way.</summary>
    Set = 1,

    /// <summary>Takes a map key or list item away; a missing map key is nothing to do.</summary>
    Remove = 2,

    /// <summary>Adds to an integer or double, from 0 if there is none, within optional bounds; makes missing maps on the way.</summary>
    Increment = 3,

    /// <summary>Puts a value into a list before an index, or at its end.</summary>
    Insert = 4,

    /// <summary>Empties a map or list; a missing one is nothing to do.</summary>
    Clear = 5,
}
