namespace Savepoint.Client;

/// <summary>A profile in a session, with typed data.</summary>
/// <typeparam name="T">A class marked with <see cref="ProfileAttribute"/>, or <see cref="Untyped"/>.</typeparam>
public sealed class Profile<T> : Profile
    where T : ProfileData, new()
{
    internal Profile(ProfileSession session)
        : base(session)
    {
        Data = new T();
        Data.Attach(session, Path.Root);
        session.Data = Data;
    }

    /// <summary>The data. Setting a property changes the profile.</summary>
    public T Data { get; }

    /// <summary>As <see cref="Profile.Change(Action, string)"/>, with the data at hand: <c>profile.Change(data => data.Gold += 100, "quest:dragon")</c>.</summary>
    /// <param name="make">Makes the changes.</param>
    /// <param name="reason">For the ledger and the history, at most 64 characters. The default is none.</param>
    public void Change(Action<T> make, string reason = "")
    {
        ArgumentNullException.ThrowIfNull(make);
        Change(() => make(Data), reason);
    }

    /// <summary>As <see cref="Profile.PurchaseAsync"/>, with the data at hand.</summary>
    /// <param name="purchaseId">The shop's id of the purchase, at most 128 characters.</param>
    /// <param name="grant">Grants it.</param>
    /// <param name="options">Where and how purchases are recorded; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was granted now or before; durable either way.</returns>
    /// <exception cref="SavepointException">As <see cref="Profile.PurchaseAsync"/>.</exception>
    public Task<PurchaseResult> PurchaseAsync(
        string purchaseId, Action<T> grant, PurchaseOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return PurchaseAsync(purchaseId, () => grant(Data), options, cancellationToken);
    }

    /// <summary>Fills in what is missing from the defaults of <typeparamref name="T"/>, deeply; never overwrites.</summary>
    /// <exception cref="SavepointException">The session is over.</exception>
    public void Reconcile() => Reconcile(Data.Template());
}
