using System.Runtime.CompilerServices;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>The profiles of one kind. Any thread may use it; it holds nothing that would have to be released.</summary>
/// <typeparam name="T">A class marked with <see cref="ProfileAttribute"/>, or <see cref="Untyped"/>.</typeparam>
public sealed class Store<T>
    where T : ProfileData, new()
{
    private readonly ClientCore _core;
    private readonly SavepointClient _client;
    private readonly Document _template;
    private readonly int _templateVersion;

    internal Store(SavepointClient client, ClientCore core, string kind, Template template, int templateVersion)
    {
        _templateVersion = templateVersion;
        _client = client;
        _core = core;
        Kind = kind;
        _template = template.CreateDocument();
    }

    /// <summary>The kind.</summary>
    public string Kind { get; }

    /// <summary>Opens a session on a profile, which is made from the template if there is none.</summary>
    /// <param name="id">Which profile.</param>
    /// <param name="options">What to do when another server holds the session; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; a session that comes all the same is released.</param>
    /// <returns>The profile, or who holds it.</returns>
    /// <exception cref="SavepointException">
    /// It could not be opened: the wait took too long (<c>session.wait_timeout</c>), the stored profile can't be read (<c>entity.quarantined</c>;
    /// defaults never take its place), …
    /// </exception>
    public Task<SessionOpenResult<T>> OpenSessionAsync(string id, SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        options ??= SessionOptions.Default;
        options.Validate();
        var request = OpenRequest<T>.Create(_core, Kind, id, options, _template, _templateVersion);
        // The server answers when the wait is over; the rest is for the way, and for loading.
        var timeout = options.Conflict == SessionConflict.Wait ? options.WaitTimeout + _core.Options.RequestTimeout : _core.Options.RequestTimeout;
        _core.Pipeline.Add(request, timeout, cancellationToken);
        return request.Task;
    }

    /// <summary>Reads a profile without a session: as it is, or as it was at a version.</summary>
    /// <param name="id">Which profile.</param>
    /// <param name="version">The version; null for the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The profile; null if there is none.</returns>
    /// <exception cref="SavepointException">It can't be read, or the version is not kept any more (<c>entity.version_not_found</c>).</exception>
    public async Task<ProfileView<T>?> ViewAsync(string id, long? version = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var body = MessageBody.Encode(new Get { Kind = Kind, Id = id, Version = (ulong)(version ?? 0) });
        var request = new Request<Snapshot>(
            _core.Context, "Reading the profile", body, static answer => answer.BodyCase == ServerMessage.BodyOneofCase.Snapshot ? answer.Snapshot : null)
        {
            Kind = Kind,
            Id = id,
        };
        _core.Pipeline.Add(request, _core.Options.RequestTimeout, cancellationToken);
        var snapshot = await request.Task;
        if (snapshot.Version == 0 || snapshot.Removed)
            return null;
        return new ProfileView<T>(Kind, id, (long)snapshot.Version, Decode(id, snapshot));
    }

    /// <summary>Watches a profile: its state now, then each change, until it is disposed.</summary>
    /// <param name="id">Which profile.</param>
    /// <param name="coalesce">How long the server gathers changes; zero sends each at once; null for its default, 1 second.</param>
    /// <param name="cancellationToken">Ends the wait for the first state.</param>
    /// <returns>The profile, which may not exist yet.</returns>
    /// <exception cref="SavepointException">It may not or can't be watched.</exception>
    public Task<WatchedProfile<T>> WatchAsync(string id, TimeSpan? coalesce = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var body = WatchSubscription.Body(Kind, id, coalesce, 0);
        WatchRequest<T> request = new(_core, Kind, id, coalesce, body);
        _core.Pipeline.Add(request, _core.Options.RequestTimeout, cancellationToken);
        return request.Task;
    }

    /// <summary>Sends a profile a message, which its present or next session handles exactly once.</summary>
    /// <param name="id">Which profile.</param>
    /// <param name="body">The message.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was sent is unknown then.</param>
    /// <returns>The message's number.</returns>
    /// <exception cref="SavepointException">It was not sent: the profile has too many unprocessed messages (<c>message.too_many</c>), …</exception>
    public Task<long> SendMessageAsync(string id, Document body, CancellationToken cancellationToken = default) =>
        _client.FirstVersionAsync(transaction => transaction.Message(Kind, id, body), "", cancellationToken);

    /// <summary>Removes a profile; a late write can't bring it back, and versions go on counting if it is made again.</summary>
    /// <param name="id">Which profile.</param>
    /// <param name="reason">For the history, at most 64 characters. The default is none.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was removed is unknown then.</param>
    /// <returns>The version of its tombstone.</returns>
    /// <exception cref="SavepointException">It was not removed.</exception>
    public Task<long> RemoveAsync(string id, string reason = "", CancellationToken cancellationToken = default) =>
        _client.FirstVersionAsync(transaction => transaction.Remove(Kind, id), reason, cancellationToken);

    /// <summary>
    /// Lists a profile's versions, newest first unless the query says otherwise: all that the journal holds, and of older ones those that are kept whole. They
    /// are fetched page by page while they are enumerated; what is made meanwhile may be left out.
    /// </summary>
    /// <param name="id">Which profile; it may have been removed.</param>
    /// <param name="query">Which versions; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The versions.</returns>
    /// <exception cref="SavepointException">There never was such a profile (<c>entity.not_found</c>), or its versions can't be listed.</exception>
    public async IAsyncEnumerable<ProfileVersion> ListVersionsAsync(
        string id, VersionQuery? query = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        query ??= VersionQuery.Default;
        query.Validate();
        var list = new ListVersions
        {
            Kind = Kind,
            Id = id,
            FromVersion = (ulong)(query.FromVersion ?? 0),
            ToVersion = (ulong)(query.ToVersion ?? 0),
            OldestFirst = query.OldestFirst,
            Limit = (uint)query.PageSize,
        };
        if (query.From is { } from)
            list.FromUnixMs = from.ToUnixTimeMilliseconds();
        if (query.Until is { } until)
            list.UntilUnixMs = until.ToUnixTimeMilliseconds();
        do
        {
            var page = await FetchAsync(list, cancellationToken);
            foreach (var version in page.Versions)
                yield return new ProfileVersion(version);
            list.Position = page.Next;
        }
        while (list.Position is not null);
    }

    /// <summary>
    /// Brings back what a version of a profile held, as a new version, exactly once. A version that was a removal removes the profile; a removed profile is
    /// made anew. While a session is active only its holder may: this client rolls back under its own session if it has one, and its data follow.
    /// </summary>
    /// <param name="id">Which profile.</param>
    /// <param name="version">The version to bring back; <see cref="ListVersionsAsync"/> lists them, <see cref="ViewAsync"/> shows what they held.</param>
    /// <param name="reason">For the history, at most 64 characters. The default is none.</param>
    /// <param name="expectedVersion">Refuse unless the profile is at this version now (0 for one that was removed); null for any.</param>
    /// <param name="cancellationToken">Ends the wait; whether it was rolled back is unknown then.</param>
    /// <returns>The version that the rollback made.</returns>
    /// <exception cref="SavepointException">
    /// It was not rolled back: the version is not kept any more (<c>entity.version_not_found</c>), another server holds a session (<c>session.required</c>),
    /// the profile is at another version (<c>version.mismatch</c>), …
    /// </exception>
    public Task<long> RollBackAsync(
        string id, long version, string reason = "", long? expectedVersion = null, CancellationToken cancellationToken = default) =>
        _client.FirstVersionAsync(transaction => transaction.RollBack(Kind, id, version, expectedVersion), reason, cancellationToken);

    private Task<VersionList> FetchAsync(ListVersions list, CancellationToken cancellationToken)
    {
        var request = new Request<VersionList>(
            _core.Context,
            "Listing the versions",
            MessageBody.Encode(list),
            static answer => answer.BodyCase == ServerMessage.BodyOneofCase.VersionList ? answer.VersionList : null)
        {
            Kind = Kind,
            Id = list.Id,
        };
        _core.Pipeline.Add(request, _core.Options.RequestTimeout, cancellationToken);
        return request.Task;
    }

    private Document Decode(string id, Snapshot snapshot)
    {
        try
        {
            return Document.Decode(snapshot.Document.Span);
        }
        catch (DocumentException exception)
        {
            throw SavepointException.From(exception, Kind, id);
        }
    }
}
