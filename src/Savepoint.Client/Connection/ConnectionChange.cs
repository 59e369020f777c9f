namespace Savepoint.Client;

/// <summary>The connection has come or gone.</summary>
/// <param name="IsConnected">Which of both.</param>
/// <param name="Cause">What broke it; null when it came, or was closed in good order.</param>
public sealed record ConnectionChange(bool IsConnected, Exception? Cause);
