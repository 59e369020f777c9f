using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// A connection to a Savepoint server that survives its own breaks: it connects again by itself, sends again what has no answer, and sessions and
/// watches go on. With a cluster it is connected to each node that owns something, and asks the owner. Any thread may use it. One client is enough for a
/// whole game server: its requests share frames.
/// </summary>
public sealed class SavepointClient : IAsyncDisposable
{
    private readonly ClientCore _core;
    private readonly object _gate = new();
    private Task? _closing;

    private SavepointClient(ClientCore core) => _core = core;

    /// <summary>Raised with true when saves keep failing (5 failures in 120 seconds), with false when one succeeds again.</summary>
    public event Action<bool>? CriticalStateChanged
    {
        add => _core.CriticalStateChanged += value;
        remove => _core.CriticalStateChanged -= value;
    }

    /// <summary>Raised each time the connection comes or goes; with several, when the first comes and the last goes.</summary>
    public event Action<ConnectionChange>? ConnectionChanged
    {
        add => _core.ConnectionChanged += value;
        remove => _core.ConnectionChanged -= value;
    }

    /// <summary>
    /// Raised when the server is going down and no other one of a cluster was found, with the time that is left. What is unsaved is being saved by then;
    /// sessions go on after the reconnect if that comes within their lease. End them here if there will be no other server.
    /// </summary>
    public event Action<TimeSpan>? Draining
    {
        add => _core.Draining += value;
        remove => _core.Draining -= value;
    }

    /// <summary>Raised when an event handler of the game has thrown, and when the server sent what it should not. For logs.</summary>
    public event Action<Exception>? HandlerFailed
    {
        add => _core.HandlerFailed += value;
        remove => _core.HandlerFailed -= value;
    }

    /// <summary>Whether there is a connection now.</summary>
    public bool IsConnected => _core.IsConnected;

    /// <summary>Whether saves keep failing; see <see cref="CriticalStateChanged"/>.</summary>
    public bool IsCritical => _core.Health.IsCritical;

    /// <summary>Whether it was told to shut down.</summary>
    public bool IsClosing
    {
        get
        {
            lock (_gate)
                return _closing is not null;
        }
    }

    /// <summary>Connects.</summary>
    /// <param name="options">The server, who the client is, and limits.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The connected client; dispose it.</returns>
    /// <exception cref="ArgumentException">Options are missing or out of range; the message names all of them.</exception>
    /// <exception cref="SavepointException">The server can't be reached, or refused. There is no second attempt; later breaks are mended.</exception>
    public static async Task<SavepointClient> ConnectAsync(SavepointClientOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var core = new ClientCore(options);
        await core.StartAsync(cancellationToken);
        return new SavepointClient(core);
    }

    /// <summary>The profiles of a kind, with typed data.</summary>
    /// <typeparam name="T">A class marked with <see cref="ProfileAttribute"/>. Its defaults are the template of new profiles, unless the server has one for the kind.</typeparam>
    /// <param name="kind">The kind.</param>
    /// <returns>The store.</returns>
    public Store<T> Store<T>(string kind)
        where T : ProfileData, new()
    {
        ArgumentNullException.ThrowIfNull(kind);
        var data = new T();
        return new Store<T>(this, _core, kind, data.Template(), data.DeclaredTemplateVersion);
    }

    /// <summary>The profiles of a kind, without typed data: by paths.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="template">What new profiles start from, unless the server has a template for the kind; null for nothing.</param>
    /// <param name="templateVersion">Counts the template, as <see cref="ProfileAttribute.TemplateVersion"/> does.</param>
    /// <returns>The store.</returns>
    public Store<Untyped> Store(string kind, Template? template = null, int templateVersion = 0)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (templateVersion < 0)
            throw new ArgumentOutOfRangeException(nameof(templateVersion), templateVersion, "Must not be negative.");
        return new Store<Untyped>(this, _core, kind, template ?? Template.Empty, templateVersion);
    }

    /// <summary>
    /// Changes several entities at once: all of it is committed, or nothing. Returns when it is durable.
    /// <c>client.TransactAsync(t => t.Change("profile", "ada", d => d.Increment("gold", -5, min: 0)).Change("profile", "bob", d => d.Increment("gold", 5)))</c>.
    /// </summary>
    /// <param name="build">Says what to change.</param>
    /// <param name="reason">For the ledger and the history, at most 64 characters. The default is none.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is committed is unknown then.</param>
    /// <returns>For each change, in order, the version that it made (for a message, its number).</returns>
    /// <exception cref="SavepointException">
    /// It was refused, which <see cref="SavepointException.ChangeIndex"/> and <see cref="SavepointException.Path"/> explain, or, if
    /// <see cref="SavepointException.Outcome"/> is unknown, nobody knows.
    /// </exception>
    public Task<IReadOnlyList<long>> TransactAsync(
        Action<TransactionBuilder> build, string reason = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        return _core.TransactAsync(build, reason, cancellationToken);
    }

    /// <summary>
    /// Changes many entities, each by itself: what is refused of one says nothing of the others. Returns when each part has its result, those that are
    /// committed durably. <c>client.SubmitAsync(b => b.Change("profile", "ada", d => d.Increment("gold", 50)).Message("profile", "bob", note))</c>.
    /// Each part takes effect once at most, also over broken connections. Any number of parts is sent in as many messages as it takes, those of a node's
    /// entities straight to it.
    /// </summary>
    /// <param name="build">Says what to change.</param>
    /// <param name="reason">For the ledger and the history, at most 64 characters. The default is none.</param>
    /// <param name="cancellationToken">Ends the wait; what is committed is unknown then.</param>
    /// <returns>For each part, in order, what became of it; failures too.</returns>
    public Task<IReadOnlyList<BatchPartResult>> SubmitAsync(Action<BatchBuilder> build, string reason = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(build);
        var batch = new BatchBuilder(_core.Subscriptions);
        build(batch);
        if (batch.Count == 0)
            throw new ArgumentException("The batch has no parts.", nameof(build));
        var (mutations, changes) = (batch.Mutations.Mutations, batch.Mutations.Changes);
        var outcome = new BatchOutcome(_core.Context, batch.Count);
        foreach (var places in BatchSplit.Of(mutations, _core.Pipeline.LanesOf(changes)))
        {
            var body = MessageBody.Encode(new Batch { Parts = { places.Select(place => mutations[place]) }, Reason = reason });
            _core.Pipeline.Add(new BatchRequest(body, changes, places, outcome) { IsMutation = true }, _core.Options.RequestTimeout, cancellationToken);
        }
        return outcome.Task;
    }

    /// <summary>Changes one entity by an encoded delta.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="delta">The delta; must not change before the answer.</param>
    /// <param name="expectedVersion">Refuse unless the entity is at this version; 0 for one that must not exist; null for any.</param>
    /// <param name="reason">For the ledger and the history, at most 64 characters. The default is none.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is committed is unknown then.</param>
    /// <returns>The version that it made.</returns>
    /// <exception cref="SavepointException">As <see cref="TransactAsync"/>.</exception>
    public Task<long> MutateAsync(
        string kind, string id, ReadOnlyMemory<byte> delta, long? expectedVersion = null, string reason = "", CancellationToken cancellationToken = default) =>
        FirstVersionAsync(transaction => transaction.Change(kind, id, delta, expectedVersion), reason, cancellationToken);

    /// <summary>Sends one entity an intent, whose handler on the server decides what changes.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="id">Its id.</param>
    /// <param name="name">The intent.</param>
    /// <param name="arguments">What the handler gets.</param>
    /// <param name="expectedVersion">Refuse unless the entity is at this version; null for any.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is committed is unknown then.</param>
    /// <returns>The version that it made.</returns>
    /// <exception cref="SavepointException">As <see cref="TransactAsync"/>.</exception>
    public Task<long> IntentAsync(
        string kind, string id, string name, Document arguments, long? expectedVersion = null, CancellationToken cancellationToken = default) =>
        FirstVersionAsync(transaction => transaction.Intent(kind, id, name, arguments, expectedVersion), "", cancellationToken);

    /// <summary>
    /// Ends all sessions, each with its final save (<see cref="LastSaveReason.Shutdown"/>), then closes the connection. Returns at the latest after
    /// <see cref="SavepointClientOptions.FinalSaveTimeout"/>.
    /// </summary>
    /// <returns>When all is over; it does not throw. What could not be saved is told by <see cref="Profile.SessionEnded"/>.</returns>
    public Task ShutdownAsync()
    {
        lock (_gate)
            return _closing ??= CloseAsync();
    }

    /// <summary>As <see cref="ShutdownAsync"/>.</summary>
    /// <returns>When all is over.</returns>
    public ValueTask DisposeAsync() => new(ShutdownAsync());

    internal async Task<long> FirstVersionAsync(Action<TransactionBuilder> build, string reason, CancellationToken cancellationToken) =>
        (await TransactAsync(build, reason, cancellationToken))[0];

    private async Task CloseAsync()
    {
        var endings = new List<Task>();
        foreach (var subscription in _core.Subscriptions.All)
        {
            if (subscription is ProfileSession session)
                endings.Add(session.EndAsync(LastSaveReason.Shutdown));
        }
        try
        {
            await Task.WhenAll(endings);
        }
        catch (SavepointException)
        {
            // Each session has told of its own end.
        }
        finally
        {
            await _core.DisposeAsync();
        }
    }
}
