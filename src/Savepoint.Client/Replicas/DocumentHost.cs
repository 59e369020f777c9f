namespace Savepoint.Client;

/// <summary>
/// What typed data and untyped access stand on: a document under a lock, the changes that may be made to it, and the events of changes.
/// </summary>
internal abstract class DocumentHost(string kind, string id, Action<Exception> onHandlerFailed)
{
    private readonly DeltaWriter _scratch = new();
    private int _scopes;

    public string Kind { get; } = kind;

    public string Id { get; } = id;

    /// <summary>Guards the document and all that belongs to it. User code runs under it only inside of <see cref="InScope"/>.</summary>
    public object Gate { get; } = new();

    public EventQueue Events { get; } = new(onHandlerFailed);

    /// <summary>The typed data over the document, which raises events of its own; null for none.</summary>
    public ProfileData? Data { get; set; }

    /// <summary>Raised for each change of what is shown.</summary>
    public event Action<DocumentChange>? Changed;

    /// <summary>What is shown; read under the lock.</summary>
    protected abstract Document Document { get; }

    /// <summary>Whether anybody listens to changes, so that it pays to gather them.</summary>
    protected bool HasListeners => Changed is not null || Data is { HasListeners: true };

    public bool TryGet(Path path, out Value value)
    {
        lock (Gate)
        {
            if (!Document.TryGet(path, out value))
                return false;
            // A list or map of the document goes on changing; the caller gets it as it is now.
            if (!value.IsScalar)
                value = value.DeepClone();
            return true;
        }
    }

    /// <summary>What is at a path, or absent; under the lock, without a copy.</summary>
    public Value Present(Path path) => Document.TryGet(path, out var value) ? value : default;

    /// <summary>Reads something of the document under the lock, without a copy.</summary>
    public TResult Read<TState, TResult>(Path path, TState state, Func<Value, TState, TResult> read)
    {
        lock (Gate)
        {
            Document.TryGet(path, out var value);
            return read(value, state);
        }
    }

    public Document Copy()
    {
        lock (Gate)
            return Document.Clone();
    }

    /// <summary>Sets a value; a scalar that is there already is no change.</summary>
    public void Set(Path path, Value value) => Edit((host: this, path, value), static (delta, edit) =>
    {
        if (!edit.value.IsScalar || edit.host.Present(edit.path) != edit.value)
            delta.Set(edit.path, edit.value);
    });

    /// <summary>Takes a key or item away; a key that is not there is no change.</summary>
    public void Remove(Path path) => Edit((host: this, path), static (delta, edit) =>
    {
        var isKey = edit.path.Count > 0 && !edit.path.Segments[^1].IsIndex;
        if (!isKey || !edit.host.Present(edit.path).IsNone)
            delta.Remove(edit.path);
    });

    public void Insert(Path path, Value value) => Edit((path, value), static (delta, edit) => delta.Insert(edit.path, edit.value));

    /// <summary>Empties a map or list; one that is empty or not there is no change.</summary>
    public void Clear(Path path) => Edit((host: this, path), static (delta, edit) =>
    {
        var present = edit.host.Present(edit.path);
        if (!present.IsNone && !IsEmpty(present))
            delta.Clear(edit.path);
    });

    public void Increment(Path path, long amount, long? min, long? max) =>
        Edit((path, amount, min, max), static (delta, edit) => delta.Increment(edit.path, edit.amount, edit.min, edit.max));

    public void Increment(Path path, double amount, double? min, double? max) =>
        Edit((path, amount, min, max), static (delta, edit) => delta.Increment(edit.path, edit.amount, edit.min, edit.max));

    /// <summary>Makes changes that depend on what is there, with nothing in between.</summary>
    public void Edit<TState>(TState state, Action<DeltaWriter, TState> write)
    {
        lock (Gate)
        {
            _scratch.Reset();
            try
            {
                write(_scratch, state);
                if (!_scratch.IsEmpty)
                    Apply(_scratch);
            }
            catch (DocumentException exception)
            {
                throw SavepointException.From(exception, Kind, Id);
            }
        }
        RaiseEvents();
    }

    /// <summary>Raises what is due, unless the lock is held.</summary>
    public void RaiseEvents()
    {
        if (!Monitor.IsEntered(Gate))
            Events.Drain();
    }

    /// <summary>Runs code under the lock; events come after it.</summary>
    protected void InScope(Action run)
    {
        lock (Gate)
        {
            _scopes++;
            try
            {
                run();
            }
            finally
            {
                _scopes--;
            }
        }
    }

    /// <summary>Makes a change of the caller's; under the lock.</summary>
    /// <exception cref="DocumentException">It is refused.</exception>
    /// <exception cref="SavepointException">Nothing may be changed here now.</exception>
    protected abstract void Apply(DeltaWriter delta);

    private static bool IsEmpty(Value value) =>
        (value.TryGetMap(out var map) && map.Count == 0) || (value.TryGetList(out var list) && list.Count == 0);

    protected void AddChanges(List<DocumentChange>? changes)
    {
        if (changes is not { Count: > 0 })
            return;
        Events.Add(() =>
        {
            foreach (var change in changes)
            {
                Changed?.Invoke(change);
                Data?.Raise(change);
            }
        });
    }

    protected ChangeList? Observer() => HasListeners ? new ChangeList() : null;

    /// <summary>Gathers changes while the lock is held.</summary>
    protected sealed class ChangeList : List<DocumentChange>, IDocumentObserver
    {
        public void OnChange(in DocumentChange change) => Add(change);
    }
}
