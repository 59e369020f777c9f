using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Making connections: the first one, again when there is none, and to the owners of shards.
internal sealed partial class NodeConnections
{
    // A node that the client's network does not reach is asked for now and then, and harms nobody: others pass on what is its.
    private static readonly TimeSpan LongestRedial = TimeSpan.FromSeconds(30);

    private readonly HashSet<ByteString> _dialing = [];
    private int _nextTarget;

    private async Task KeepConnectedAsync()
    {
        while (!_isClosing)
        {
            if (_live.Length > 0)
                await _alone.WaitAsync();
            else
                await ReconnectAsync();
        }
    }

    private async Task ReconnectAsync()
    {
        var backoff = new Backoff(_options.ReconnectMinDelay, _options.ReconnectMaxDelay, _options.Random);
        try
        {
            while (true)
            {
                await _options.TimeProvider.After(backoff.Next(), _closing.Token);
                if (_live.Length > 0 || await TryAnyAsync(Targets(), _closing.Token) is not { } failure)
                    return;
                _observer.OnReconnectFailed(failure);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The client closes.
        }
    }

    /// <summary>Connects to the first that answers, beginning behind the one that was connected to last.</summary>
    /// <returns>What the last of them has failed with; null when there is a connection.</returns>
    private async Task<SavepointException?> TryAnyAsync(IReadOnlyList<NodeTarget> targets, CancellationToken cancellationToken)
    {
        var first = _nextTarget;
        SavepointException? failure = null;
        for (var i = 0; i < targets.Count; i++)
        {
            try
            {
                await ConnectAsync(targets[(first + i) % targets.Count], cancellationToken);
                _nextTarget = first + i + 1;
                return null;
            }
            catch (SavepointException exception)
            {
                if (_live.Length > 0)
                    return null;
                // The server forgot the writer, or does not know it as its own any more; as a new one the client gets in.
                if (exception.Code is ErrorCodes.WriterExpired or ErrorCodes.Forbidden)
                    ForgetWriter();
                failure = exception;
            }
        }
        return failure;
    }

    private void ForgetWriter()
    {
        lock (_flow)
        {
            if (_live.Length == 0)
                _writer = ByteString.Empty;
        }
    }

    private async Task ConnectAsync(NodeTarget target, CancellationToken cancellationToken)
    {
        var hello = Hello(target);
        var greeted = await _connector.ConnectAsync(target, hello, cancellationToken);
        var connection = new NodeConnection(_options, _pipeline, greeted.Duplex, target, new Lane(greeted.Welcome, _options), greeted.First);
        try
        {
            if (!target.Node.IsEmpty && target.Node != connection.Lane.Node)
                throw NodeConnector.Failed("The address leads to another node.");
            lock (_flow)
                Enter(connection, greeted.Welcome, hello.Writer);
        }
        catch
        {
            connection.Drop();
            throw;
        }
        Run(() => ServeAsync(connection));
    }

    private Hello Hello(NodeTarget target)
    {
        var idle = _pipeline.OldestAge();
        lock (_flow)
        {
            var writer = idle < WriterLifetime ? _writer : ByteString.Empty;
            if (writer.IsEmpty && _live.Length > 0)
                throw NodeConnector.Failed("A change waits for its answer for so long that no other node takes it any more.");
            return new Hello
            {
                Writer = writer,
                Database = _database,
                IdleMs = (ulong)idle.TotalMilliseconds,
                ShardMap = _targets.IsDirect,
                Node = target.Node,
            };
        }
    }

    /// <summary>The servers that the options name, then those of the shard map.</summary>
    private List<NodeTarget> Targets()
    {
        lock (_flow)
        {
            var targets = _targets.Seeds.ToList();
            foreach (var node in _map.OwningNodes)
            {
                // Whichever node is there now is welcome.
                if (_targets.Find(_map.AddressOf(node)) is { } address && !targets.Exists(target => target.Address == address))
                    targets.Add(NodeTarget.Seed(address));
            }
            return targets;
        }
    }

    // Under the lock. One that was lost just now is given a moment.
    private void DialOwners(ByteString? lost = null)
    {
        foreach (var node in _map.OwningNodes)
        {
            if (_dialing.Contains(node) || FindOwner(node) is null)
                continue;
            _dialing.Add(node);
            Run(() => DialAsync(node, node == lost));
        }
    }

    private async Task DialAsync(ByteString node, bool wait)
    {
        await Task.Yield();
        var backoff = new Backoff(_options.ReconnectMinDelay, LongestRedial, _options.Random);
        try
        {
            if (wait)
                await _options.TimeProvider.After(backoff.Next(), _closing.Token);
            while (TakeOwner(node) is { } target && !await TryConnectAsync(target) && !_isClosing)
                await _options.TimeProvider.After(backoff.Next(), _closing.Token);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The client closes.
        }
    }

    // Whatever an address of the map leads to, it is no fault of the game's.
    private async Task<bool> TryConnectAsync(NodeTarget target)
    {
        try
        {
            await ConnectAsync(target, _closing.Token);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private NodeTarget? TakeOwner(ByteString node)
    {
        lock (_flow)
        {
            var target = FindOwner(node);
            if (target is null)
                _dialing.Remove(node);
            return target;
        }
    }

    // Null when there is nothing to connect to: it owns nothing any more, is connected, or clients can't reach it.
    private NodeTarget? FindOwner(ByteString node)
    {
        if (_isClosing || _live.Length == 0 || _live.Any(connection => connection.Lane.Node == node) || !_map.OwningNodes.Contains(node))
            return null;
        return _targets.Find(_map.AddressOf(node)) is { } address ? new NodeTarget(address, node) : null;
    }
}
