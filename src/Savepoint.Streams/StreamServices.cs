using Microsoft.Extensions.Logging;
using Savepoint.Engine;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Incoming;
using Savepoint.Streams.ShardMaps;
using Savepoint.Streams.Templates;

namespace Savepoint.Streams;

/// <summary>What all connections of a server share.</summary>
internal sealed record StreamServices
{
    public required IStateEngine Engine { get; init; }

    public required StreamOptions Options { get; init; }

    public required ICredentialVerifier Credentials { get; init; }

    public required ILoginSessions Logins { get; init; }

    public required IAuthorizer Authorizer { get; init; }

    public required WriterIds Writers { get; init; }

    public required KindNames Kinds { get; init; }

    public required TemplateTable Templates { get; init; }

    public required ShardMapFeed ShardMaps { get; init; }

    public required TimeProvider Time { get; init; }

    public required StreamMetrics Metrics { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Connections that are being served.</summary>
    public Tally Connections { get; } = new();

    /// <summary>Sessions that connected clients hold.</summary>
    public Tally Sessions { get; } = new();

    /// <summary>Whether the server is going down.</summary>
    public bool IsDraining { get; set; }
}
