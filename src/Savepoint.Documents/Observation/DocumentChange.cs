namespace Savepoint.Documents;

/// <summary>What happened at a path.</summary>
public enum ChangeKind : byte
{
    /// <summary>A value was put in another's place.</summary>
    Set = 1,

    /// <summary>A map got a new key.</summary>
    Add = 2,

    /// <summary>A list got a new item.</summary>
    Insert = 3,

    /// <summary>A map key or list item went.</summary>
    Remove = 4,

    /// <summary>A map or list was emptied.</summary>
    Clear = 5,
}

/// <summary>Where a change comes from.</summary>
public enum ChangeOrigin : byte
{
    /// <summary>It was made here.</summary>
    Local = 0,

    /// <summary>It came from elsewhere.</summary>
    Remote = 1,
}

/// <summary>
/// One change of a document. Maps that were made on the way to a new value are not reported by themselves; a scalar set to its present
/// value is no change.
/// </summary>
/// <param name="Path">Where.</param>
/// <param name="Kind">What happened there.</param>
/// <param name="OldValue">What was there before: absent for an add or insert, the former content for a clear.</param>
/// <param name="NewValue">What is there now: absent for a remove, the empty map or list for a clear. A copy as of the change.</param>
/// <param name="Origin">Where the change comes from.</param>
public readonly record struct DocumentChange(Path Path, ChangeKind Kind, Value OldValue, Value NewValue, ChangeOrigin Origin);

/// <summary>Is told of each change of a document.</summary>
public interface IDocumentObserver
{
    /// <summary>Called once per change, in order, when the whole delta is applied. Must not change the document.</summary>
    /// <param name="change">The change.</param>
    void OnChange(in DocumentChange change);
}
