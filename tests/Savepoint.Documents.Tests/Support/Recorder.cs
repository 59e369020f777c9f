namespace Savepoint.Documents.Tests;

/// <summary>Keeps the changes that it is told of.</summary>
internal sealed class Recorder : IDocumentObserver
{
    public List<DocumentChange> Changes { get; } = [];

    public static TestOperation AsOperation(DocumentChange change) => change.Kind switch
    {
        ChangeKind.Remove => new TestOperation(OperationKind.Remove, change.Path, default),
        ChangeKind.Clear => new TestOperation(OperationKind.Clear, change.Path, default),
        ChangeKind.Insert => new TestOperation(OperationKind.Insert, change.Path, change.NewValue),
        _ => new TestOperation(OperationKind.Set, change.Path, change.NewValue),
    };

    public void OnChange(in DocumentChange change) => Changes.Add(change);
}
