namespace Savepoint.Client;

/// <summary>
/// Gathers changes of many entities that are carried out or refused one by one. Changes of one entity keep their order. An entity whose session this client
/// holds is changed under that session. Valid during the call that it is passed to.
/// </summary>
public sealed class BatchBuilder
{
    private readonly MutationList _mutations;

    internal BatchBuilder(SubscriptionTable subscriptions) => _mutations = new MutationList(subscriptions);

    /// <summary>How many parts it has.</summary>
    public int Count => _mutations.Changes.Count;

    internal MutationList Mutations => _mutations;

    /// <summary>Changes an entity's document.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="write">Writes what to change: <c>d => d.Increment("gold", 50)</c>.</param>
    /// <param name="expectedVersion">Refuse the part unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public BatchBuilder Change(string kind, string id, Action<DeltaWriter> write, long? expectedVersion = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        return Change(kind, id, _mutations.Delta(write), expectedVersion);
    }

    /// <summary>Changes an entity's document by an encoded delta.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="delta">The delta; must not change afterwards.</param>
    /// <param name="expectedVersion">Refuse the part unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <returns>This builder.</returns>
    public BatchBuilder Change(string kind, string id, ReadOnlyMemory<byte> delta, long? expectedVersion = null)
    {
        _mutations.Change(kind, id, delta, expectedVersion);
        return this;
    }

    /// <summary>Sends an entity an intent, whose handler decides what changes.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="name">The intent.</param>
    /// <param name="arguments">What the handler gets.</param>
    /// <param name="expectedVersion">Refuse the part unless the entity is at this version; null for any.</param>
    /// <returns>This builder.</returns>
    public BatchBuilder Intent(string kind, string id, string name, Document arguments, long? expectedVersion = null)
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
    public BatchBuilder Message(string kind, string id, Document body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _mutations.Message(kind, id, body);
        return this;
    }

    /// <summary>Removes an entity. Its versions go on counting if it is made again.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="expectedVersion">Refuse the part unless the entity is at this version; null for any.</param>
    /// <returns>This builder.</returns>
    public BatchBuilder Remove(string kind, string id, long? expectedVersion = null)
    {
        _mutations.Remove(kind, id, expectedVersion);
        return this;
    }

    /// <summary>Brings back what a version of an entity held, as <see cref="TransactionBuilder.RollBack"/> does.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="version">The version to bring back.</param>
    /// <param name="expectedVersion">Refuse the part unless the entity is at this version now; 0 for one that was removed; null for any.</param>
    /// <returns>This builder.</returns>
    public BatchBuilder RollBack(string kind, string id, long version, long? expectedVersion = null)
    {
        _mutations.RollBack(kind, id, version, expectedVersion);
        return this;
    }
}
