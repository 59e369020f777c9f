using Savepoint.Engine.Units;

namespace Savepoint.Hosting.Calls;

/// <summary>A unit whose outcome can be awaited, once it was submitted by <see cref="EngineCalls"/>. It is for one submission.</summary>
public sealed class AwaitedUnit : Unit
{
    private PendingAnswer<Refusal?>? _outcome;

    /// <summary>Waits for the outcome. To be awaited once.</summary>
    /// <param name="cancellationToken">Ends the wait; the unit may take effect all the same.</param>
    /// <returns>Why none of it was done; null when all of it is committed.</returns>
    /// <exception cref="TimeoutException">It did not come within <see cref="EngineCalls.AnswerWithin"/> of the submission: the unit may take effect, or not.</exception>
    /// <exception cref="InvalidOperationException">The unit was not submitted.</exception>
    public ValueTask<Refusal?> OutcomeAsync(CancellationToken cancellationToken) =>
        (_outcome ?? throw new InvalidOperationException("The unit was not submitted.")).WaitAsync(cancellationToken);

    internal void Begin(PendingAnswers all) => all.Begin(ref _outcome);

    /// <inheritdoc/>
    protected override void Completed(Refusal? refusal) => _outcome?.Set(refusal);
}
