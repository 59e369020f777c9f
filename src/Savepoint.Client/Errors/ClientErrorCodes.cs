namespace Savepoint.Client;

/// <summary>The stable codes of what the SDK itself reports, beside those of the server (<see cref="Protocol.ErrorCodes"/>) and of documents.</summary>
public static class ClientErrorCodes
{
    /// <summary>The answer did not come in time.</summary>
    public const string Timeout = "client.timeout";

    /// <summary>The connection could not be made.</summary>
    public const string ConnectFailed = "client.connect_failed";

    /// <summary>The client was shut down.</summary>
    public const string Closed = "client.closed";

    /// <summary>More requests wait than <see cref="SavepointClientOptions.MaxQueuedRequests"/> allows, or a profile has more unsaved changes than <see cref="SavepointClientOptions.MaxPendingBytes"/>.</summary>
    public const string QueueFull = "client.queue_full";

    /// <summary>The server now serves another database, such as a restored backup: what this client knew is void.</summary>
    public const string DatabaseChanged = "client.database_changed";

    /// <summary>The server sent what the protocol does not allow here.</summary>
    public const string Protocol = "client.protocol";

    /// <summary>The profile is read-only here, or its session is ending.</summary>
    public const string ReadOnly = "client.read_only";
}
