namespace Savepoint.Client;

/// <summary>
/// A profile in a session: this client alone may write it. Changes show at once, are saved in the background, and are durable when
/// <see cref="SaveAsync"/> returns. Any thread may use it. Several changes that belong together, or that depend on what is there, go into one
/// <see cref="Change(Action, string)"/>. Events come in order and one at a time, on the client's synchronization context if it has one, else on
/// whatever thread caused them; a handler may use the profile freely.
/// </summary>
public abstract class Profile
{
    private protected Profile(ProfileSession session)
    {
        Session = session;
        session.Profile = this;
    }

    /// <summary>Raised for each change of the document, made here or elsewhere.</summary>
    public event Action<DocumentChange>? Changed
    {
        add => Session.Changed += value;
        remove => Session.Changed -= value;
    }

    /// <summary>Raised before each save, where it is made: what a handler changes goes with that save.</summary>
    public event Action? Saving
    {
        add => Session.Saving += value;
        remove => Session.Saving -= value;
    }

    /// <summary>Raised before the session's last save: the last chance to change something.</summary>
    public event Action<LastSaveReason>? LastSaving
    {
        add => Session.LastSaving += value;
        remove => Session.LastSaving -= value;
    }

    /// <summary>Raised with the version of each save that is durable.</summary>
    public event Action<long>? Saved
    {
        add => Session.Saved += value;
        remove => Session.Saved -= value;
    }

    /// <summary>Raised when changes were refused; they are taken back by then.</summary>
    public event Action<ChangeRefusal>? ChangeRefused
    {
        add => Session.ChangeRefused += value;
        remove => Session.ChangeRefused -= value;
    }

    /// <summary>Raised once, when the session is over, whoever ended it.</summary>
    public event Action<SessionEndedInfo>? SessionEnded
    {
        add => Session.SessionEnded += value;
        remove => Session.SessionEnded -= value;
    }

    /// <summary>What the profile is: character, social, …</summary>
    public string Kind => Session.Kind;

    /// <summary>Which one.</summary>
    public string Id => Session.Id;

    /// <summary>The newest version that the server told of; unsaved changes are on top of it.</summary>
    public long Version => Session.Version;

    /// <summary>The session's fencing number: it only grows, and a write with an older one has no effect.</summary>
    public long SessionNumber => Session.Number;

    /// <summary>Whether the session goes on.</summary>
    public bool IsActive => Session.IsActive;

    /// <summary>Whether opening the session made the profile, from its template.</summary>
    public bool IsNew => Session.IsCreated;

    /// <summary>Whether there are changes that are not durable yet.</summary>
    public bool HasUnsavedChanges => Session.HasUnsavedChanges;

    /// <summary>How often the copy here was mended by a snapshot because its checksum was not the server's. Anything but 0 is worth a report.</summary>
    public int ChecksumMismatches => Session.ChecksumMismatches;

    /// <summary>
    /// Handles messages to the profile, one at a time and each exactly once: what the handler changes is saved in the same unit as the message's
    /// removal. If it throws, its changes are taken back and the message stays for the next session. Messages wait while this is null, the default.
    /// It runs as a <see cref="Change(Action, string)"/> does.
    /// </summary>
    public Action<ProfileMessage>? MessageHandler
    {
        get => Session.MessageHandler;
        set => Session.MessageHandler = value;
    }

    internal ProfileSession Session { get; }

    /// <summary>
    /// The value at a path: <c>profile["currency.gold"]</c>; absent (<see cref="Value.IsNone"/>) if there is none. A list or map is a copy of the
    /// moment.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <exception cref="SavepointException">Set: the value is refused, or the session is over.</exception>
    public Value this[Path path]
    {
        get => Session.TryGet(path, out var value) ? value : default;
        set => Session.Set(path, value);
    }

    /// <summary>The value at a path, if there is one.</summary>
    /// <param name="path">The path.</param>
    /// <param name="value">The value; a list or map is a copy of the moment.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(Path path, out Value value) => Session.TryGet(path, out value);

    /// <summary>Adds to an integer, so that what others add at the same time counts too.</summary>
    /// <param name="path">The path; nothing there counts as 0.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null: a sum below is refused, here or, if others were faster, when saved.</param>
    /// <param name="max">The greatest sum, or null.</param>
    /// <exception cref="SavepointException">It is refused, or the session is over.</exception>
    public void Increment(Path path, long amount, long? min = null, long? max = null) => Session.Increment(path, amount, min, max);

    /// <summary>Adds to a double, so that what others add at the same time counts too.</summary>
    /// <param name="path">The path; nothing there counts as 0.</param>
    /// <param name="amount">What to add; may be negative.</param>
    /// <param name="min">The least sum, or null.</param>
    /// <param name="max">The greatest sum, or null.</param>
    /// <exception cref="SavepointException">It is refused, or the session is over.</exception>
    public void Increment(Path path, double amount, double? min = null, double? max = null) => Session.Increment(path, amount, min, max);

    /// <summary>Puts a value into a list before an index, or at its end.</summary>
    /// <param name="path">The list's path and the index.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="SavepointException">It is refused, or the session is over.</exception>
    public void Insert(Path path, Value value) => Session.Insert(path, value);

    /// <summary>Takes away a map key or a list item.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="SavepointException">It is refused, or the session is over.</exception>
    public void Remove(Path path) => Session.Remove(path);

    /// <summary>Empties a map or list.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="SavepointException">It is refused, or the session is over.</exception>
    public void Clear(Path path) => Session.Clear(path);

    /// <summary>A copy of the whole document as it shows now.</summary>
    /// <returns>The copy.</returns>
    public Document Copy() => Session.Copy();

    /// <summary>A copy of the document as the server has it, durably: without the changes that are not saved yet.</summary>
    /// <returns>The copy.</returns>
    public Document CopySaved() => Session.CopySaved();

    /// <summary>
    /// Makes changes that belong together: they are saved in one unit, no change from elsewhere comes between them, and if the code throws, none of
    /// them is made. It runs at once, under the profile's lock: it must not block or await. Inside another change it is a part of that one.
    /// </summary>
    /// <param name="make">Makes the changes.</param>
    /// <param name="reason">For the ledger and the history, at most 64 characters: <c>quest:dragon</c>. The default is none.</param>
    public void Change(Action make, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(make);
        Session.Change(make, reason);
    }

    /// <summary>
    /// Saves, and returns when every change made before the call is durable. Cancelling ends the wait only.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The newest saved version.</returns>
    /// <exception cref="SavepointException">
    /// The changes were refused and are taken back; or, when <see cref="SavepointException.IsTransient"/>, could not be saved yet and will be later;
    /// or the session is over (<c>session.lost</c>).
    /// </exception>
    public Task<long> SaveAsync(CancellationToken cancellationToken = default) => Session.SaveAsync(cancellationToken);

    /// <summary>
    /// Ends the session: saves for the last time, again and again until that is durable or the session is lost, then releases it. Cancelling ends the
    /// wait only.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>When the session is over and everything is saved.</returns>
    /// <exception cref="SavepointException">The last changes were refused, or the session was lost with changes that were not saved.</exception>
    public Task EndSessionAsync(CancellationToken cancellationToken = default)
    {
        var ending = Session.EndAsync(LastSaveReason.Manual);
        return cancellationToken.CanBeCanceled
            ? ending.Within(Timeout.InfiniteTimeSpan, Session.Core.Options.TimeProvider, cancellationToken)
            : ending;
    }

    /// <summary>The ids of the users whose data the profile holds, in ordinal order.</summary>
    public IReadOnlyList<string> UserIds => TryGet(Path.Root.Child(UserTags.Property), out var users) ? UserTags.In(users) : [];

    /// <summary>
    /// Tags the profile with a user whose data it holds: it belongs to what is exported and erased of the user from then on. Durable when it returns; changes
    /// that are not saved yet stay so. A user that is tagged already stays so.
    /// </summary>
    /// <param name="userId">The user, at most 128 characters.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is tagged is unknown then.</param>
    /// <exception cref="SavepointException">It was refused: 100 users are tagged already (<c>tag.too_many_users</c>), the session is over, …</exception>
    public Task AddUserIdAsync(string userId, CancellationToken cancellationToken = default) =>
        Session.Core.TransactAsync(transaction => transaction.AddUserId(Kind, Id, userId), "", cancellationToken);

    /// <summary>Takes a user's tag from the profile. Durable when it returns.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="cancellationToken">Ends the wait; whether the tag is gone is unknown then.</param>
    /// <exception cref="SavepointException">It was refused: the session is over, …</exception>
    public Task RemoveUserIdAsync(string userId, CancellationToken cancellationToken = default) =>
        Session.Core.TransactAsync(transaction => transaction.RemoveUserId(Kind, Id, userId), "", cancellationToken);

    /// <summary>Fills in what is missing from a template, deeply; never overwrites.</summary>
    /// <param name="template">The template.</param>
    /// <exception cref="SavepointException">The session is over.</exception>
    public void Reconcile(Template template)
    {
        ArgumentNullException.ThrowIfNull(template);
        Session.Change(() => Session.Edit((Session, template), static (delta, edit) => edit.template.Reconcile(edit.Session.Shown, delta)), "reconcile");
    }

    /// <summary>
    /// The purchase recipe: grants what was bought and records the purchase, in one unit, and returns when that is durable, so that the shop can then be
    /// told that the purchase is done. The same purchase again grants nothing, whether it comes from here, from another game server or from a back end over
    /// HTTP, also at the same moment: a grant that comes too late is taken back here, which <see cref="ChangeRefused"/> tells.
    /// </summary>
    /// <param name="purchaseId">The shop's id of the purchase, at most 128 characters.</param>
    /// <param name="grant">Grants it; runs as a <see cref="Change(Action, string)"/> does.</param>
    /// <param name="options">Where and how purchases are recorded; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; whether it is durable is unknown then: call again with the same id.</param>
    /// <returns>Whether it was granted now or before; durable either way.</returns>
    /// <exception cref="SavepointException">As <see cref="SaveAsync"/>. When transient or unknown, call again with the same id.</exception>
    public Task<PurchaseResult> PurchaseAsync(
        string purchaseId, Action grant, PurchaseOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(purchaseId);
        ArgumentNullException.ThrowIfNull(grant);
        return new Purchase(Session, options ?? PurchaseOptions.Default).MakeAsync(purchaseId, grant, cancellationToken);
    }
}
