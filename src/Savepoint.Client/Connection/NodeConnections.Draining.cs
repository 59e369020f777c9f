namespace Savepoint.Client;

// A node that goes down says so some seconds before. What it has is moved to other nodes meanwhile, and its connection closed once it has answered all.
internal sealed partial class NodeConnections
{
    // Under the lock.
    private void MoveAway(NodeConnection connection, TimeSpan grace)
    {
        if (_live.Any(other => other != connection && !other.Lane.IsRetiring))
            Retire(connection);
        else
            Run(() => ReplaceAsync(connection, grace));
    }

    private void Retire(NodeConnection connection)
    {
        _pipeline.Retire(connection.Lane);
        Run(() => CloseWhenIdleAsync(connection));
    }

    // A node that is going down refuses, so no two of them replace each other for ever.
    private async Task ReplaceAsync(NodeConnection connection, TimeSpan grace)
    {
        foreach (var target in Targets().Where(target => target.Address != connection.Target.Address))
        {
            if (_isClosing || !connection.IsOpen)
                return;
            if (!await TryConnectAsync(target))
                continue;
            lock (_flow)
            {
                if (_live.Any(other => other != connection && !other.Lane.IsRetiring))
                    Retire(connection);
            }
            return;
        }
        lock (_flow)
        {
            if (!_isClosing)
                _observer.OnDraining(grace);
        }
    }

    private static async Task CloseWhenIdleAsync(NodeConnection connection)
    {
        await connection.Lane.Idle.WaitAsync();
        await connection.CloseAsync("The client has moved to another node.");
        connection.Drop();
    }
}
