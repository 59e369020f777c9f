using System.Collections;

namespace Savepoint.Client;

/// <summary>A list in a profile: what is changed here is saved, and changes from elsewhere show. Indexes are those of the moment.</summary>
/// <typeparam name="T">The items' type: one that a property may have, or <see cref="Value"/>.</typeparam>
public sealed class TrackedList<T> : ProfileNode, IReadOnlyList<T>
{
    private static readonly ListValue Empty = new();

    internal TrackedList()
    {
    }

    /// <summary>Raised for each change.</summary>
    public event Action<ListChange<T>>? Changed;

    /// <summary>How many items there are.</summary>
    public int Count => Host.Read(Path, 0, static (value, _) => ListOf(value).Count);

    /// <inheritdoc/>
    protected override bool HasListenersOfItsOwn => Changed is not null;

    /// <summary>An item. Setting it to what it is is no change.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="SavepointException">Set: there is no such item, or the profile takes no changes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Get: there is no such item.</exception>
    public T this[int index]
    {
        get => Host.Read(Path, index, static (value, index) => ItemAt(ListOf(value), index));
        set => Host.Set(Path.Child(index), ToItem(value));
    }

    /// <summary>Adds an item at the end.</summary>
    /// <param name="item">The item.</param>
    /// <exception cref="SavepointException">The profile takes no changes.</exception>
    public void Add(T item) => InsertAt(null, item);

    /// <summary>Adds an item before another, or at the end.</summary>
    /// <param name="index">Where.</param>
    /// <param name="item">The item.</param>
    /// <exception cref="SavepointException">The index is out of range, or the profile takes no changes.</exception>
    public void Insert(int index, T item) => InsertAt(index, item);

    /// <summary>Takes an item out.</summary>
    /// <param name="index">Which.</param>
    /// <exception cref="SavepointException">There is no such item, or the profile takes no changes.</exception>
    public void RemoveAt(int index) => Host.Remove(Path.Child(index));

    /// <summary>Takes the first item out that equals another.</summary>
    /// <param name="item">The other.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="SavepointException">The profile takes no changes.</exception>
    public bool Remove(T item)
    {
        var found = false;
        Host.Edit((list: this, item: ToItem(item)), (delta, edit) =>
        {
            var items = ListOf(edit.list.Host.Present(edit.list.Path));
            for (var i = 0; i < items.Count && !found; i++)
            {
                if (items[i] != edit.item)
                    continue;
                delta.Remove(edit.list.Path.Child(i));
                found = true;
            }
        });
        return found;
    }

    /// <summary>Takes all items out.</summary>
    /// <exception cref="SavepointException">The profile takes no changes.</exception>
    public void Clear() => Host.Clear(Path);

    /// <summary>The items as they are now; changes meanwhile do not disturb.</summary>
    /// <returns>An enumerator.</returns>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Host.Read(Path, 0, static (value, _) => ItemsOf(value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal override void Raise(in DocumentChange change)
    {
        if (Changed is not { } changed)
            return;
        var depth = Path.Count;
        if (change.Path.Count <= depth)
            RaiseWhole(changed, change);
        else if (change.Path.Count == depth + 1)
            changed(new ListChange<T>(change.Kind, change.Path.Segments[depth].Index, OrDefault(change.OldValue), OrDefault(change.NewValue), change.Origin));
        else
            RaiseItem(changed, change.Path.Segments[depth].Index, change.Origin);
    }

    private static void RaiseWhole(Action<ListChange<T>> changed, in DocumentChange change)
    {
        changed(new ListChange<T>(ChangeKind.Clear, 0, default, default, change.Origin));
        var items = ListOf(change.NewValue);
        for (var i = 0; i < items.Count; i++)
            changed(new ListChange<T>(ChangeKind.Insert, i, default, ItemAt(items, i), change.Origin));
    }

    // Something within an item: only what it is now is known.
    private void RaiseItem(Action<ListChange<T>> changed, int index, ChangeOrigin origin)
    {
        var item = Host.Read(Path.Child(index), 0, static (value, _) => OrDefault(value));
        changed(new ListChange<T>(ChangeKind.Set, index, default, item, origin));
    }

    private static ListValue ListOf(Value value) => value.IsNone ? Empty : value.AsList();

    private static T[] ItemsOf(Value value)
    {
        var items = ListOf(value);
        var copy = new T[items.Count];
        for (var i = 0; i < copy.Length; i++)
            copy[i] = ItemAt(items, i);
        return copy;
    }

    private static T ItemAt(ListValue items, int index) => items.TryGet(index, out var item)
        ? ValueCodec<T>.Instance.FromValue(item)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The list has {items.Count} items.");

    private static T? OrDefault(Value value) => value.IsNone ? default : ValueCodec<T>.Instance.FromValue(value);

    private static Value ToItem(T item)
    {
        var value = ValueCodec<T>.Instance.ToValue(item);
        return value.IsNone ? throw new ArgumentNullException(nameof(item)) : value;
    }

    private void InsertAt(int? index, T item) => Host.Edit((list: this, index, item: ToItem(item)), static (delta, edit) =>
    {
        var path = edit.list.Path;
        var present = edit.list.Host.Present(path);
        if (present.IsNone)
            delta.Set(path, new ListValue());
        delta.Insert(path.Child(edit.index ?? ListOf(present).Count), edit.item);
    });
}
