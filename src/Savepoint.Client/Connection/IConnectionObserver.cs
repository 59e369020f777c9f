using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Is told what happens to the connections; one call at a time, in order.</summary>
internal interface IConnectionObserver
{
    /// <summary>There was no connection, and now is one; requests that are added first now are sent before all others.</summary>
    void OnConnected(bool databaseChanged);

    /// <summary>A connection is gone; if it was not the last one, what is to go on over the others can be asked for now.</summary>
    void OnDisconnected(Lane lane, Exception? cause, bool isLast);

    /// <summary>There is no connection, and attempts to make one have failed.</summary>
    void OnReconnectFailed(SavepointException exception);

    /// <summary>Handling what the server sent has failed, by a fault of the client or of the server; the connection is made anew.</summary>
    void OnFault(Exception exception);

    /// <summary>The server goes down, and no other one was found.</summary>
    void OnDraining(TimeSpan grace);

    /// <summary>The server sent something of itself.</summary>
    void OnPush(ServerMessage push);
}
