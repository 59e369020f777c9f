namespace Savepoint.Streams.Connections;

/// <summary>The connections that passed the handshake, by writer.</summary>
internal sealed class ConnectionTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, StreamConnection> _byWriter = [];

    /// <summary>Adds a connection. A writer has one: an earlier connection, which is dead and does not know it, is ended.</summary>
    public void Add(StreamConnection connection)
    {
        StreamConnection? former;
        lock (_gate)
        {
            _byWriter.Remove(connection.Writer, out former);
            _byWriter.Add(connection.Writer, connection);
        }

        former?.Abort();
    }

    public void Remove(StreamConnection connection)
    {
        lock (_gate)
        {
            if (_byWriter.TryGetValue(connection.Writer, out var present) && present == connection)
                _byWriter.Remove(connection.Writer);
        }
    }

    public List<StreamConnection> All()
    {
        lock (_gate)
            return [.. _byWriter.Values];
    }
}
