namespace Savepoint.Client;

/// <summary>
/// A profile as it changes on the server: a snapshot first, then each change, in order. It goes on after a reconnect, by itself, from where it was.
/// Any thread may use it; events come in order and one at a time, on the client's synchronization context if it has one.
/// </summary>
/// <typeparam name="T">A class marked with <see cref="ProfileAttribute"/>, or <see cref="Untyped"/>.</typeparam>
public sealed class WatchedProfile<T> : IAsyncDisposable
    where T : ProfileData, new()
{
    private readonly WatchSubscription _watch;

    internal WatchedProfile(WatchSubscription watch)
    {
        _watch = watch;
        Data = new T();
        Data.Attach(watch, Path.Root);
        watch.Data = Data;
    }

    /// <summary>Raised for each change of the document.</summary>
    public event Action<DocumentChange>? Changed
    {
        add => _watch.Changed += value;
        remove => _watch.Changed -= value;
    }

    /// <summary>Raised with each new version, after its changes.</summary>
    public event Action<long>? VersionChanged
    {
        add => _watch.VersionChanged += value;
        remove => _watch.VersionChanged -= value;
    }

    /// <summary>Raised when the watch can't go on: the profile may not be read any more, or the server made a fault.</summary>
    public event Action<SavepointException>? Closed
    {
        add => _watch.Closed += value;
        remove => _watch.Closed -= value;
    }

    /// <summary>What the profile is.</summary>
    public string Kind => _watch.Kind;

    /// <summary>Which one.</summary>
    public string Id => _watch.Id;

    /// <summary>The data, to read and to listen to; setting a property throws.</summary>
    public T Data { get; }

    /// <summary>The version that shows; 0 if the profile never existed.</summary>
    public long Version => _watch.Version;

    /// <summary>Whether the profile exists.</summary>
    public bool Exists => _watch.Exists;

    /// <summary>How often a snapshot mended the copy because its checksum was not the server's. Anything but 0 is worth a report.</summary>
    public int ChecksumMismatches => _watch.ChecksumMismatches;

    /// <summary>How often a snapshot mended the copy, for whatever reason.</summary>
    public int Resyncs => _watch.Resyncs;

    /// <summary>The value at a path; absent if there is none. A list or map is a copy of the moment.</summary>
    /// <param name="path">The path.</param>
    public Value this[Path path] => _watch.TryGet(path, out var value) ? value : default;

    /// <summary>A copy of the whole document as it shows now.</summary>
    /// <returns>The copy.</returns>
    public Document Copy() => _watch.Copy();

    /// <summary>Ends the watch.</summary>
    /// <returns>When the server has ended it too, or can't be asked.</returns>
    public ValueTask DisposeAsync() => new(_watch.CloseAsync());
}
