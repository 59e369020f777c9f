using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// Gathers changes of one or more entities that are committed together or not at all. An entity whose session this client holds is changed under
/// that session. Valid during the call that it is passed to.
/// </summary>
public sealed class TransactionBuilder
{
    private readonly SubscriptionTable _subscriptions;
    private readonly DeltaWriter _writer = new();
    private readonly Unit _unit = new();
    private readonly List<SentChange> _changes = new(2);

    internal TransactionBuilder(SubscriptionTable subscriptions) => _subscriptions = subscriptions;

    internal int Count => _changes.Count;

    internal IReadOnlyList<SentChange> Changes => _changes;

    /// <summary>Changes an entity's document.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="write">Writes what to change: <c>d => d.Increment("gold", -5, min: 0)</c>.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Change(string kind, string id, Action<DeltaWriter> write, long? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        _writer.Reset();
        write(_writer);
        return Change(kind, id, _writer.ToArray(), expectedVersion);
    }

    /// <summary>Changes an entity's document by an encoded delta.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="delta">The delta; must not change afterwards.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Change(string kind, string id, ReadOnlyMemory<byte> delta, long? expectedVersion = null)
    {
        Add(kind, id, expectedVersion, delta).Delta = UnsafeByteOperations.UnsafeWrap(delta);
        return this;
    }

    /// <summary>Sends an entity an intent, whose handler decides what changes.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="name">The intent.</param>
    /// <param name="arguments">What the handler gets.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Intent(string kind, string id, string name, Document arguments, long? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Add(kind, id, expectedVersion, default).Intent =
            new Intent { Name = name, Arguments = UnsafeByteOperations.UnsafeWrap(arguments.ToBytes()) };
        return this;
    }

    /// <summary>Sends an entity a message, which its present or next session handles once.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="body">The message.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Message(string kind, string id, Document body)
    {
        ArgumentNullException.ThrowIfNull(body);
        Add(kind, id, null, default).Message = UnsafeByteOperations.UnsafeWrap(body.ToBytes());
        return this;
    }

    /// <summary>Removes an entity. Its versions go on counting if it is made again.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Remove(string kind, string id, long? expectedVersion = null)
    {
        Add(kind, id, expectedVersion, default).Remove = true;
        return this;
    }

    /// <summary>
    /// Brings back what a version of an entity held, as a new version. Of a version that was a removal it removes the entity, of a removed entity it makes it
    /// anew.
    /// </summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="version">The version to bring back.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version now; 0 for one that was removed; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder RollBack(string kind, string id, long version, long? expectedVersion = null)
    {
        if (version < 1)
            throw new ArgumentOutOfRangeException(nameof(version), version, "Versions count from 1.");
        Add(kind, id, expectedVersion, default).RestoreVersion = (ulong)version;
        return this;
    }

    /// <summary>Tags an entity with a user whose data it holds, so that it belongs to what is exported and erased of the user.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id; it has to exist.</param>
    /// <param name="userId">The user, at most 128 characters.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder AddUserId(string kind, string id, string userId) => ChangeTag(kind, id, userId, UserTags.Tag, UserTags.AddEntity);

    /// <summary>Takes a user's tag from an entity.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id; it has to exist.</param>
    /// <param name="userId">The user.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder RemoveUserId(string kind, string id, string userId) => ChangeTag(kind, id, userId, UserTags.Untag, UserTags.RemoveEntity);

    internal byte[] Encode(string reason)
    {
        _unit.Reason = reason;
        return MessageBody.Encode(_unit);
    }

    private TransactionBuilder ChangeTag(string kind, string id, string userId, string tag, string index)
    {
        if (string.IsNullOrEmpty(userId) || userId.Length > UserTags.MaxIdLength)
            throw new ArgumentException($"A user's id has 1 to {UserTags.MaxIdLength} characters.", nameof(userId));
        return Intent(kind, id, tag, UserTags.Arguments("user", userId)).Intent(UserTags.IndexKind, userId, index, UserTags.Arguments("entity", kind + "/" + id));
    }

    private Mutation Add(string kind, string id, long? expectedVersion, ReadOnlyMemory<byte> delta)
    {
        var mutation = new Mutation { Kind = kind, Id = id };
        if (expectedVersion is { } expected)
            mutation.ExpectedVersion = (ulong)expected;
        if (!_subscriptions.IsEmpty && _subscriptions.FindSession(kind, id) is { } session)
            mutation.Session = (ulong)session.Number;
        _unit.Mutations.Add(mutation);
        _changes.Add(new SentChange(kind, id, delta));
        return mutation;
    }
}
