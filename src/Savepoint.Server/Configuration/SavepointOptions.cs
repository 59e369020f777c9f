using System.ComponentModel.DataAnnotations;
using Savepoint.Engine;
using Savepoint.Hosting.Tokens;
using Savepoint.Modules.Characters;
using Savepoint.Modules.Accounts;
using Savepoint.Streams;

namespace Savepoint.Server.Configuration;

/// <summary>The server's settings, from the section <c>Savepoint</c> of its configuration (docs/reference/configuration.md).</summary>
public sealed class SavepointOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Savepoint";

    /// <summary>The folder of the database and of keys that the server makes. The default value is <c>data</c>.</summary>
    [Required]
    public string DataPath { get; set; } = "data";

    /// <summary>The address to listen on. The default value is <c>http://127.0.0.1:7350</c>; port 0 takes a free one.</summary>
    [Required]
    public string Listen { get; set; } = "http://127.0.0.1:7350";

    /// <summary>
    /// An address for HTTP/2 in the clear, with prior knowledge, as gRPC without TLS is spoken: one port can't take both. By default there is none.
    /// </summary>
    public string? ListenHttp2 { get; set; }

    /// <summary>Names this server to clients, other nodes and in logs. The default value is <c>savepoint</c>; in a cluster each node needs its own.</summary>
    [Required, StringLength(64)]
    public string Node { get; set; } = "savepoint";

    /// <summary>Where the state is kept: <c>Sqlite</c>, <c>Postgres</c>, or <c>Memory</c>, which forgets everything at the end and is for benchmarks and development. The default value is <c>Sqlite</c>.</summary>
    [EnumDataType(typeof(StoreKind))]
    public StoreKind Store { get; set; } = StoreKind.Sqlite;

    /// <summary>The PostgreSQL database, or several, where the state is kept there.</summary>
    public PostgresOptions Postgres { get; set; } = new();

    /// <summary>The kinds of entities. By default one, <c>profile</c>.</summary>
    public IList<string> Kinds { get; } = [];

    /// <summary>Whether the settings name no kinds, and <see cref="Kinds"/> has the default one.</summary>
    internal bool HasDefaultKinds { get; set; }

    /// <summary>The secret that game servers log in with.</summary>
    public string? GameServerSecret { get; set; }

    /// <summary>Further secrets that are valid too, so that one can be replaced without a gap.</summary>
    public IList<string> GameServerSecrets { get; } = [];

    /// <summary>A file with a secret in each line.</summary>
    public string? GameServerSecretsFile { get; set; }

    /// <summary>The keys of services, support and admins, and of game servers with a level.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>Who may read and write what, by kind. By default what the kinds themselves say.</summary>
    public IDictionary<string, PermissionOptions> Permissions { get; } = new Dictionary<string, PermissionOptions>(StringComparer.Ordinal);

    /// <summary>The tokens of players.</summary>
    public TokenOptions Tokens { get; set; } = new();

    /// <summary>How players log in at this server, and their tokens.</summary>
    public AccountsOptions Accounts { get; set; } = new();

    /// <summary>Development: makes up secrets for game servers and for an admin and a signing key, and gives out players' tokens on the loopback interface. The default value is false.</summary>
    public bool Dev { get; set; }

    /// <summary>The most open connections; one more is closed at once. The default value is 20,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxConnections { get; set; } = 20_000;

    /// <summary>How often a silent connection is asked for a sign of life. The default value is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the sign of life may take before the connection counts as dead. The default value is 15 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The characters.</summary>
    public CharactersOptions Characters { get; set; } = new();

    /// <summary>
    /// The proxies in front of the server, as addresses or ranges (<c>10.0.0.0/8</c>), which say in <c>X-Forwarded-For</c> whom they ask for. By default none: the header means nothing.
    /// </summary>
    public IList<string> TrustedProxies { get; } = [];

    /// <summary>How many HTTP requests are answered.</summary>
    public RateLimitOptions RateLimits { get; set; } = new();

    /// <summary>Whether the HTTP API is described, at <c>/openapi/v1.json</c> and, for people, at <c>/docs</c>. The default value is true: it holds no secrets.</summary>
    public bool OpenApi { get; set; } = true;

    /// <summary>The engine's limits and intervals.</summary>
    public EngineOptions Engine { get; set; } = new();

    /// <summary>The limits and times of the stream protocol.</summary>
    public StreamOptions Streams { get; set; } = new();

    /// <summary>Whether this server is a node of a cluster, and which.</summary>
    public ServerClusterOptions Cluster { get; set; } = new();
}

/// <summary>Where the state is kept.</summary>
public enum StoreKind
{
    /// <summary>In a SQLite database in the data folder.</summary>
    Sqlite,

    /// <summary>In a PostgreSQL database.</summary>
    Postgres,

    /// <summary>In memory; it is gone when the process ends.</summary>
    Memory,
}

/// <summary>Which tokens of players are accepted: JWTs, signed with ES256.</summary>
public sealed class TokenOptions
{
    /// <summary>The issuer that tokens have to name.</summary>
    public string? Issuer { get; set; }

    /// <summary>The audience that tokens have to name.</summary>
    public string? Audience { get; set; }

    /// <summary>A file with the issuer's public keys: a JSON Web Key Set (RFC 7517). Without it only tokens of this server are accepted.</summary>
    public string? KeysFile { get; set; }

    /// <summary>How far the issuer's clock may be from this server's. The default value is 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many tokens that were found genuine are remembered, so that their signature is not checked with each request. The default value is 50,000.</summary>
    [Range(0, 10_000_000)]
    public int CacheSize { get; set; } = 50_000;
}
