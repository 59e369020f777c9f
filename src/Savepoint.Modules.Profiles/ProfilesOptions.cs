namespace Savepoint.Modules.Profiles;

/// <summary>Which entities are served as profiles.</summary>
public sealed class ProfilesOptions
{
    /// <summary>The kind that is meant where a request names none. The default value is <c>profile</c>.</summary>
    public string DefaultKind { get; set; } = "profile";

    /// <summary>The kinds that are served. By default all that are registered, but those that the server keeps for itself (<c>sp-…</c>).</summary>
    public IList<string> Kinds { get; } = [];

    /// <summary>The largest body of a request for one profile. The default value is 4 MiB: a document of 1 MiB takes more as JSON.</summary>
    public int MaxBodyBytes { get; set; } = 4 << 20;

    /// <summary>The largest body of a request for several profiles. The default value is 16 MiB.</summary>
    public int MaxBatchBodyBytes { get; set; } = 16 << 20;

    /// <summary>The largest body of any request of a player. The default value is 1 MiB.</summary>
    public int MaxPlayerBodyBytes { get; set; } = 1 << 20;

    /// <summary>The most parts of a batch. The default value is 1,000.</summary>
    public int MaxBatchParts { get; set; } = 1_000;
}
