namespace Savepoint.Documents;

/// <summary>
/// Walks a delta's operations without applying them and without allocation: <c>foreach (var operation in new DeltaReader(delta))</c>.
/// Check what you do not trust with <see cref="Delta.Validate"/> first; on anything else that is no delta this throws.
/// </summary>
public ref struct DeltaReader
{
    private readonly DocumentLimits _limits;
    private ByteReader _reader;
    private Operation _current;
    private int _left;

    /// <summary>Starts before the first operation.</summary>
    /// <param name="delta">The delta.</param>
    /// <param name="limits">The limits to keep; null for none but those that keep reading safe.</param>
    /// <exception cref="DocumentException">Not a delta, or of an unknown format.</exception>
    public DeltaReader(ReadOnlySpan<byte> delta, DocumentLimits? limits = null)
    {
        _limits = limits ?? OperationReader.ReadLimits;
        _reader = new ByteReader(delta);
        DocumentException.ThrowIfRefused(OperationReader.ReadHeader(ref _reader, _limits, out var count));
        OperationCount = _left = count;
    }

    /// <summary>How many operations the delta has.</summary>
    public int OperationCount { get; }

    /// <summary>The present operation; a view of the delta's bytes.</summary>
    public readonly Operation Current => _current;

    /// <summary>This reader, for <c>foreach</c>.</summary>
    /// <returns>A copy at the same place.</returns>
    public readonly DeltaReader GetEnumerator() => this;

    /// <summary>Goes to the next operation.</summary>
    /// <returns>False at the end.</returns>
    /// <exception cref="DocumentException">The bytes are not a delta.</exception>
    public bool MoveNext()
    {
        if (_left == 0)
        {
            DocumentException.ThrowIfRefused(_reader.Remaining == 0 ? DocumentError.None : DocumentError.Malformed);
            return false;
        }
        _left--;
        DocumentException.ThrowIfRefused(OperationReader.Read(ref _reader, _limits, out _current));
        return true;
    }
}
