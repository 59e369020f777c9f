namespace Savepoint.Hosting;

/// <summary>A kind can't be put together, so that the server can't start. The message says which kind and which of its parts are at fault.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="cause">What was thrown; null for nothing.</param>
public sealed class InvalidKindException(string message, Exception? cause = null) : Exception(message, cause);
