using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// What the server pushes to: a session or a watch, under the number of the request that opened or last resumed it. Calls come on the
/// receiving flow, in order.
/// </summary>
internal interface ISubscription
{
    string Kind { get; }

    string Id { get; }

    /// <summary>Takes what the server sends of itself.</summary>
    void OnPush(ServerMessage push);

    /// <summary>A unit of this client changed the entity: the push that will tell of it may come without the delta.</summary>
    void OnOwnCommitted(long version, ReadOnlyMemory<byte> delta);

    /// <summary>There is a connection again: the request that goes on with this; null when there is one already, or nothing to go on with.</summary>
    PendingRequest? CreateResume();

    /// <summary>The connection is gone.</summary>
    void OnDisconnected();

    /// <summary>The server serves another database.</summary>
    void OnDatabaseChanged();
}
