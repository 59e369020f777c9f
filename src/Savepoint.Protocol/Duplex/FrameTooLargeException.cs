namespace Savepoint.Protocol.Duplex;

/// <summary>A frame is larger than the connection allows.</summary>
/// <param name="maxBytes">The limit.</param>
public sealed class FrameTooLargeException(int maxBytes) : Exception($"A frame is over the limit of {maxBytes} bytes.")
{
    /// <summary>The limit.</summary>
    public int MaxBytes { get; } = maxBytes;
}
