namespace Savepoint.Client;

/// <summary>
/// The client's copy of a document: what the server has at <see cref="Version"/>, and what is shown, which has on top of it the unversioned values
/// that the server sent and the changes that it has not acknowledged. Both are one document while there is nothing on top. Not thread-safe.
/// </summary>
internal sealed class Replica
{
    // What the server has accepted is not for the client to judge.
    private static readonly DocumentLimits Trusting = new()
    {
        MaxDepth = DocumentLimits.DepthCeiling,
        MaxKeyLength = DocumentLimits.KeyLengthCeiling,
        MaxDocumentBytes = 1 << 28,
        MaxListLength = 1 << 24,
        MaxMapLength = 1 << 24,
        MaxDeltaBytes = 1 << 29,
        MaxDeltaOperations = 1 << 24,
    };

    private const int MaxUnversionedOperations = 64;

    private readonly UndoLog _undo = new();
    private Document _confirmed = new();
    private DeltaWriter? _unversioned;

    /// <summary>The version that the server's document is at; 0 when there never was one.</summary>
    public long Version { get; private set; }

    /// <summary>What is shown.</summary>
    public Document Shown { get; private set; } = new();

    /// <summary>What the server has.</summary>
    public Document Confirmed => _confirmed;

    /// <summary>Whether all that is shown is what the server has.</summary>
    public bool IsPlain => ReferenceEquals(_confirmed, Shown);

    /// <summary>Whether it takes rebuilding to show a change of the server's document.</summary>
    public bool HasUnversioned => _unversioned is not null;

    /// <summary>Takes another state of the server's document; <see cref="Rebuild"/> shows it.</summary>
    public void Take(Document document, long version)
    {
        _confirmed = document;
        Version = version;
        _unversioned = null;
    }

    /// <summary>Shows the server's document with changes on top of it.</summary>
    public void Rebuild(IEnumerable<ReadOnlyMemory<byte>> changes, Action<int, DocumentError> onRefused)
    {
        Shown = _confirmed;
        if (_unversioned is not null)
            TryApplyShown(_unversioned.WrittenSpan, Trusting, null, ChangeOrigin.Remote);
        var index = 0;
        foreach (var change in changes)
        {
            var error = TryApplyShown(change.Span, Trusting, null, ChangeOrigin.Local);
            if (error != DocumentError.None)
                onRefused(index, error);
            index++;
        }
    }

    /// <summary>Applies a change to the server's document, and so to what is shown while they are one.</summary>
    public DocumentError TryConfirm(ReadOnlySpan<byte> delta, long version, IDocumentObserver? observer)
    {
        var error = Delta.TryApply(_confirmed, delta, Trusting, _undo, IsPlain ? observer : null, ChangeOrigin.Remote, out _);
        _undo.Clear();
        if (error != DocumentError.None)
            return error;
        Version = version;
        _unversioned = _unversioned is null ? null : Without(_unversioned.WrittenSpan, delta);
        return DocumentError.None;
    }

    /// <summary>Applies a change to what is shown only.</summary>
    public DocumentError TryApplyShown(ReadOnlySpan<byte> delta, DocumentLimits limits, IDocumentObserver? observer, ChangeOrigin origin)
    {
        if (IsPlain)
            Shown = _confirmed.Clone();
        var error = Delta.TryApply(Shown, delta, limits, _undo, observer, origin, out _);
        _undo.Clear();
        return error;
    }

    /// <summary>Makes what is shown follow a confirmed change, when there is nothing on top of it.</summary>
    public DocumentError TryFollow(ReadOnlySpan<byte> delta, IDocumentObserver? observer) =>
        TryApplyShown(delta, Trusting, observer, ChangeOrigin.Remote);

    /// <summary>Shows unversioned values that the server sent.</summary>
    public DocumentError TryApplyUnversioned(ReadOnlySpan<byte> delta, IDocumentObserver? observer)
    {
        var error = TryApplyShown(delta, Trusting, observer, ChangeOrigin.Remote);
        if (error != DocumentError.None)
            return error;
        KeepUnversioned(delta);
        return error;
    }

    /// <summary>Takes unversioned values that the server sent; <see cref="Rebuild"/> shows them.</summary>
    public void KeepUnversioned(ReadOnlySpan<byte> delta)
    {
        (_unversioned ??= new DeltaWriter()).Append(delta);
        if (_unversioned.OperationCount > MaxUnversionedOperations)
            _unversioned = Newest(_unversioned.WrittenSpan) ?? _unversioned;
    }

    // A version that touches a path has merged what stood there unversioned. What no version touches the server may only ever broadcast.
    private static DeltaWriter? Without(ReadOnlySpan<byte> unversioned, ReadOnlySpan<byte> delta)
    {
        var rest = new DeltaWriter();
        foreach (var operation in new DeltaReader(unversioned))
        {
            if (!Overlaps(operation.Path.ToPath(), delta))
                rest.Append(operation);
        }
        return rest.IsEmpty ? null : rest;
    }

    private static bool Overlaps(Path path, ReadOnlySpan<byte> delta)
    {
        foreach (var operation in new DeltaReader(delta))
        {
            if (operation.Path.Overlaps(path))
                return true;
        }
        return false;
    }

    // The newest value of each path is enough, or positions that are sent 30 times a second would add up. Null when there is more than values.
    private static DeltaWriter? Newest(ReadOnlySpan<byte> unversioned)
    {
        var newest = new Dictionary<Path, Value>();
        foreach (var operation in new DeltaReader(unversioned))
        {
            if (operation.Kind != OperationKind.Set)
                return null;
            newest[operation.Path.ToPath()] = operation.GetValue();
        }
        var sets = new DeltaWriter();
        foreach (var (path, value) in newest)
            sets.Set(path, value);
        return sets;
    }
}
