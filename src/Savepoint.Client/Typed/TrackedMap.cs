using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Client;

/// <summary>A map in a profile, by text keys in ordinal order: what is changed here is saved, and changes from elsewhere show.</summary>
/// <typeparam name="T">The values' type: one that a property may have, or <see cref="Value"/>.</typeparam>
public sealed class TrackedMap<T> : ProfileNode, IReadOnlyDictionary<string, T>
{
    private static readonly MapValue Empty = new();

    private readonly bool _isAdditive;

    internal TrackedMap(bool additive) => _isAdditive = additive;

    /// <summary>Raised for each change.</summary>
    public event Action<MapChange<T>>? Changed;

    /// <summary>How many keys there are.</summary>
    public int Count => Host.Read(Path, 0, static (value, _) => MapOf(value).Count);

    /// <summary>The keys as they are now.</summary>
    public IEnumerable<string> Keys => Entries().Select(static entry => entry.Key);

    /// <summary>The values as they are now.</summary>
    public IEnumerable<T> Values => Entries().Select(static entry => entry.Value);

    /// <inheritdoc/>
    protected override bool HasListenersOfItsOwn => Changed is not null;

    /// <summary>The value of a key. Setting it to what it is is no change.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">Get: there is none.</exception>
    /// <exception cref="SavepointException">Set: the key or value is refused, or the profile takes no changes.</exception>
    public T this[string key]
    {
        get => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"There is no '{key}'.");
        set => Set(Path.Child(key), ValueCodec<T>.Instance.ToValue(value));
    }

    /// <summary>Whether there is a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>True if so.</returns>
    public bool ContainsKey(string key) => Host.Read(Path, key, static (value, key) => MapOf(value).ContainsKey(key));

    /// <summary>The value of a key, if there is one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>Whether there is one.</returns>
#pragma warning disable CS8767 // netstandard2.1 does not say that the value may be null.
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        (var found, value) = Host.Read(Path, key, static (map, key) => MapOf(map).TryGet(key, out var value)
            ? (true, ValueCodec<T>.Instance.FromValue(value))
            : (false, default(T)!));
        return found;
    }
#pragma warning restore CS8767

    /// <summary>Adds to an integer, so that what others add at the same time counts too; no value counts as 0. For maps of <c>long</c> and <c>int</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null.</param>
    /// <exception cref="SavepointException">It is refused, or the profile takes no changes.</exception>
    public void Increment(string key, long amount, long? min = null, long? max = null) => Host.Increment(Path.Child(key), amount, min, max);

    /// <summary>Adds to a double, so that what others add at the same time counts too; no value counts as 0. For maps of <c>double</c>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null.</param>
    /// <exception cref="SavepointException">It is refused, or the profile takes no changes.</exception>
    public void IncrementDouble(string key, double amount, double? min = null, double? max = null) => Host.Increment(Path.Child(key), amount, min, max);

    /// <summary>Takes a key out.</summary>
    /// <param name="key">The key.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="SavepointException">The profile takes no changes.</exception>
    public bool Remove(string key)
    {
        var found = false;
        Host.Edit((map: this, path: Path.Child(key)), (delta, edit) =>
        {
            found = !edit.map.Host.Present(edit.path).IsNone;
            if (found)
                delta.Remove(edit.path);
        });
        return found;
    }

    /// <summary>Takes all keys out.</summary>
    /// <exception cref="SavepointException">The profile takes no changes.</exception>
    public void Clear() => Host.Clear(Path);

    /// <summary>The entries as they are now; changes meanwhile do not disturb.</summary>
    /// <returns>An enumerator.</returns>
    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, T>>)Entries()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void Raise(in DocumentChange change)
    {
        if (Changed is not { } changed)
            return;
        var depth = Path.Count;
        if (change.Path.Count <= depth)
            RaiseWhole(changed, change);
        else if (change.Path.Count == depth + 1)
            changed(new MapChange<T>(change.Kind, change.Path.Segments[depth].Key!, OrDefault(change.OldValue), OrDefault(change.NewValue), change.Origin));
        else
            RaiseEntry(changed, change.Path.Segments[depth].Key!, change.Origin);
    }

    private static void RaiseWhole(Action<MapChange<T>> changed, in DocumentChange change)
    {
        changed(new MapChange<T>(ChangeKind.Clear, "", default, default, change.Origin));
        foreach (var (key, value) in MapOf(change.NewValue))
            changed(new MapChange<T>(ChangeKind.Add, key, default, OrDefault(value), change.Origin));
    }

    // Something within a value: only what it is now is known.
    private void RaiseEntry(Action<MapChange<T>> changed, string key, ChangeOrigin origin)
    {
        var entry = Host.Read(Path.Child(key), 0, static (value, _) => OrDefault(value));
        changed(new MapChange<T>(ChangeKind.Set, key, default, entry, origin));
    }

    private static MapValue MapOf(Value value) => value.IsNone ? Empty : value.AsMap();

    private static T? OrDefault(Value value) => value.IsNone ? default : ValueCodec<T>.Instance.FromValue(value);

    private KeyValuePair<string, T>[] Entries() => Host.Read(Path, 0, static (value, _) =>
    {
        var map = MapOf(value);
        var entries = new KeyValuePair<string, T>[map.Count];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new(map.KeyAt(i), ValueCodec<T>.Instance.FromValue(map.ValueAt(i)));
        return entries;
    });

    private void Set(Path path, Value value)
    {
        if (value.IsNone)
            Host.Remove(path);
        else if (_isAdditive && value.TryGetInt64(out var integer))
            Difference.Set(Host, path, integer, 0);
        else if (_isAdditive && value.TryGetDouble(out var real))
            Difference.Set(Host, path, real, 0);
        else
            Host.Set(path, value);
    }
}
