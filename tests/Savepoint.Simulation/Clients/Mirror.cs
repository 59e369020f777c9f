using Savepoint.Documents;
using Savepoint.Engine.Watching;

namespace Savepoint.Simulation;

/// <summary>
/// A watcher's own copy of an entity: the state that it was given, with the changes that it was pushed since. Unversioned changes it needs not keep: the next
/// version has them, or they are lost.
/// </summary>
internal sealed class Mirror
{
    private static readonly DocumentLimits NoLimits = new() { MaxDepth = DocumentLimits.DepthCeiling };

    private readonly Lock _gate = new();
    private Document? _document;
    private long _version;

    /// <summary>Makes a copy that goes on from where another was.</summary>
    public Mirror(MirrorPosition? from) => (_version, _document) = (from?.Version ?? 0, Decode(from?.Document));

    /// <summary>Where it is; may be asked for by who comes back from there.</summary>
    public MirrorPosition Position
    {
        get
        {
            lock (_gate)
                return new MirrorPosition(_version, _document?.ToBytes());
        }
    }

    public void Start(in EntitySnapshot snapshot)
    {
        lock (_gate)
        {
            if (!snapshot.IsResumed)
                (_version, _document) = (snapshot.Version, Decode(snapshot.Document));
        }
    }

    /// <summary>Takes a change; the document is the mirror's own.</summary>
    public Document? Apply(in EntityChange change)
    {
        lock (_gate)
        {
            if (change.Version == 0)
                return _document;
            _version = change.Version;
            if (change.Removed)
                return _document = null;
            Delta.Apply(_document ??= new Document(), change.Delta, NoLimits);
            return _document;
        }
    }

    private static Document? Decode(byte[]? bytes) => bytes is null ? null : Document.Decode(bytes);
}

/// <summary>A state that a watcher has had.</summary>
internal sealed record MirrorPosition(long Version, byte[]? Document);
