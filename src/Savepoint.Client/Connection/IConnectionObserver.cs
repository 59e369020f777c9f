using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Is told what happens to the connection; on the receiving flow, in order.</summary>
internal interface IConnectionObserver
{
    /// <summary>There is a connection; requests that are added first now are sent before all others.</summary>
    void OnConnected(bool databaseChanged);

    /// <summary>The connection is gone.</summary>
    void OnDisconnected(Exception? cause);

    /// <summary>An attempt to connect again has failed.</summary>
    void OnReconnectFailed(SavepointException exception);

    /// <summary>Handling what the server sent has failed, by a fault of the client or of the server; the connection is made anew.</summary>
    void OnFault(Exception exception);

    /// <summary>The server sent something of itself.</summary>
    void OnPush(ServerMessage push);
}
