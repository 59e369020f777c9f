using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// Gathers changes of one or more entities that are committed together or not at all. An entity whose session this client holds is changed under
/// that session. Valid during the call that it is passed to.
/// </summary>
public sealed class TransactionBuilder
{
    private readonly MutationList _mutations;

    internal TransactionBuilder(SubscriptionTable subscriptions) => _mutations = new MutationList(subscriptions);

    internal int Count => _mutations.Changes.Count;

    internal IReadOnlyList<SentChange> Changes => _mutations.Changes;

    /// <summary>Changes an entity's document.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="write">Writes what to change: <c>d => d.Increment("gold", -5, min: 0)</c>.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Change(string kind, string id, Action<DeltaWriter> write, long? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Change(kind, id, _mutations.Delta(write), expectedVersion);
    }

    /// <summary>Changes an entity's document by an encoded delta.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="delta">The delta; must not change afterwards.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Change(string kind, string id, ReadOnlyMemory<byte> delta, long? expectedVersion = null)
    {
        _mutations.Change(kind, id, delta, expectedVersion);
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
        _mutations.Intent(kind, id, name, arguments, expectedVersion);
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
        _mutations.Message(kind, id, body);
        return this;
    }

    /// <summary>Removes an entity. Its versions go on counting if it is made again.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="expectedVersion">Refuse the whole transaction unless the entity is at this version; null for any.</param>
    /// <returns>This builder.</returns>
    public TransactionBuilder Remove(string kind, string id, long? expectedVersion = null)
    {
        _mutations.Remove(kind, id, expectedVersion);
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
        _mutations.RollBack(kind, id, version, expectedVersion);
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

    internal byte[] Encode(string reason) => MessageBody.Encode(new Unit { Mutations = { _mutations.Mutations }, Reason = reason });

    private TransactionBuilder ChangeTag(string kind, string id, string userId, string tag, string index)
    {
        if (string.IsNullOrEmpty(userId) || userId.Length > UserTags.MaxIdLength)
            throw new ArgumentException($"A user's id has 1 to {UserTags.MaxIdLength} characters.", nameof(userId));
        return Intent(kind, id, tag, UserTags.Arguments("user", userId)).Intent(UserTags.IndexKind, userId, index, UserTags.Arguments("entity", kind + "/" + id));
    }
}
