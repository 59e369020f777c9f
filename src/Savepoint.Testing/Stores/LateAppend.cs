using Savepoint.Engine.Storage;

namespace Savepoint.Testing;

/// <summary>An append that has lost its caller and may still happen.</summary>
public sealed class LateAppend
{
    private readonly IStore _store;

    internal LateAppend(IStore store, IReadOnlyList<JournalSegment> segments)
    {
        _store = store;
        Segments = segments;
    }

    /// <summary>What it appends.</summary>
    public IReadOnlyList<JournalSegment> Segments { get; }

    /// <summary>Commits it if its positions are still free, past all faults. Over a store in memory it has ended when the call returns.</summary>
    /// <returns>Whether it went in.</returns>
    /// <exception cref="ObjectDisposedException">The store that lost it is closed.</exception>
    public async ValueTask<bool> TryLandAsync()
    {
        try
        {
            await _store.AppendAsync(Segments, CancellationToken.None);
            return true;
        }
        catch (JournalConflictException)
        {
            return false;
        }
    }
}
