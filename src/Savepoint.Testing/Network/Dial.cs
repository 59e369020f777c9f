using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>
/// One attempt to connect. 1: the call travels to the server. 2: there it is taken, refused, or falls into nothing. 3: the answer travels back.
/// </summary>
internal sealed class Dial(SimulatedNetwork network, SimulatedProcess client, SimulatedListener listener)
{
    private readonly AsyncSignal _answered = new();
    private NetworkConnection? _connection;
    private bool _isAnswered;
    private bool _isGivenUp;

    public async Task<IFrameDuplex> RunAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var registration = cancellationToken.UnsafeRegister(static signal => ((AsyncSignal)signal!).Set(), _answered);
        network.AfterLatency(Arrive);
        while (true)
        {
            await _answered.WaitAsync();
            lock (network.Gate)
            {
                if (_isAnswered)
                    return _connection?.Client ?? throw new IOException("The connection was refused.");
                _isGivenUp = cancellationToken.IsCancellationRequested;
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    private void Arrive()
    {
        if (!listener.IsOpen || network.IsCut(client, listener.Process))
        {
            if (network.IsRefused())
                network.AfterLatency(Answer);
            return;
        }

        _connection = network.Establish(client, listener);
        network.AfterLatency(Answer);
    }

    private void Answer()
    {
        if (_isGivenUp)
        {
            _connection?.Client.Drop();
            return;
        }

        _isAnswered = true;
        _answered.Set();
    }
}
