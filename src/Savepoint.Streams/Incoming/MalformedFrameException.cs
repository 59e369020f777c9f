namespace Savepoint.Streams.Incoming;

/// <summary>A frame can't be read. It ends the connection that sent it.</summary>
internal sealed class MalformedFrameException(string message) : Exception(message);
