namespace Savepoint.Streams;

/// <summary>Fills a span with random bytes: of a cryptographic generator in a server, of a seeded one in a simulation.</summary>
/// <param name="destination">What to fill.</param>
public delegate void RandomBytes(Span<byte> destination);
