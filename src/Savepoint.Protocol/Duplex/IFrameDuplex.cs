namespace Savepoint.Protocol.Duplex;

/// <summary>
/// A two-way connection that carries whole frames, in order, until it ends: a WebSocket, a pair within one process, or a simulated network.
/// One sender and one receiver may use it at the same time.
/// </summary>
public interface IFrameDuplex : IAsyncDisposable
{
    /// <summary>Sends one frame. Calls do not overlap.</summary>
    /// <exception cref="System.IO.IOException">The connection is broken.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken);

    /// <summary>
    /// Waits for the next frame; null when the other side has closed. The memory is valid until the next call. Calls do not overlap.
    /// </summary>
    /// <exception cref="System.IO.IOException">The connection is broken.</exception>
    /// <exception cref="FrameTooLargeException">The frame is over the limit; the connection can't go on.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Closes in good order, with a reason for the other side.</summary>
    ValueTask CloseAsync(string reason, CancellationToken cancellationToken);
}
