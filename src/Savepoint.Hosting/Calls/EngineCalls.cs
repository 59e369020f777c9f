using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Hosting.Calls;

/// <summary>
/// The engine's calls, to be awaited. What was asked for is answered, refusals included, or late: then whoever waits gets a <see cref="TimeoutException"/>. Nobody is
/// asked here whether the caller may: on behalf of a principal, use <see cref="Requests.EngineRequests"/>. May be used by several at once. What waits goes on in the
/// thread pool, not on the engine's own flow, so it may take its time. Await each returned task once.
/// </summary>
/// <param name="engine">Takes the calls.</param>
/// <param name="time">The clock.</param>
public sealed class EngineCalls(IStateEngine engine, TimeProvider time)
{
    /// <summary>The default of <see cref="AnswerWithin"/>: 30 seconds, more than the engine takes for anything by itself.</summary>
    public static readonly TimeSpan DefaultAnswerWithin = TimeSpan.FromSeconds(30);

    private readonly PendingAnswers _answers = new(DefaultAnswerWithin, time);

    /// <summary>
    /// How long an answer is waited for, to the second, from the call on. The default value is 30 seconds; <see cref="Timeout.InfiniteTimeSpan"/> waits for as long as
    /// it takes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than a millisecond.</exception>
    public TimeSpan AnswerWithin
    {
        get => _answers.Within;
        init
        {
            if (value != Timeout.InfiniteTimeSpan)
                ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            _answers = new PendingAnswers(value, time);
        }
    }

    /// <summary>Submits a unit. Its mutations get their results.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="cancellationToken">Ends the wait; the unit may take effect all the same.</param>
    /// <returns>Why none of it was done; null when all of it is committed.</returns>
    /// <exception cref="TimeoutException">No answer came in time: it may take effect, or not.</exception>
    /// <exception cref="InvalidOperationException">It was submitted before.</exception>
    public ValueTask<Refusal?> SubmitAsync(AwaitedUnit unit, CancellationToken cancellationToken)
    {
        Post(unit);
        return unit.OutcomeAsync(cancellationToken);
    }

    /// <summary>Submits a unit whose outcome is waited for later (<see cref="AwaitedUnit.OutcomeAsync"/>), or by nobody.</summary>
    /// <param name="unit">The unit.</param>
    /// <exception cref="InvalidOperationException">It was submitted before.</exception>
    public void Post(AwaitedUnit unit)
    {
        ArgumentNullException.ThrowIfNull(unit);
        unit.Begin(_answers);
        engine.Submit(unit);
    }

    /// <summary>Reads an entity.</summary>
    /// <param name="reading">What to read.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state; its version is 0 when the entity never existed, its document null when it does not exist. Or why it can't be read.</returns>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="InvalidOperationException">It was asked for before.</exception>
    public ValueTask<(EntitySnapshot Snapshot, Refusal? Refusal)> ReadAsync(AwaitedReading reading, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reading);
        var answer = reading.Begin(_answers);
        engine.Read(reading);
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Lists versions of an entity.</summary>
    /// <param name="listing">What to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A page, or why there is none.</returns>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="InvalidOperationException">It was asked for before.</exception>
    public ValueTask<(VersionPage? Page, Refusal? Refusal)> ListAsync(AwaitedListing listing, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(listing);
        var answer = listing.Begin(_answers);
        engine.Read(listing);
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Lists the entities of a kind in a shard.</summary>
    /// <param name="scan">What to list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A page, or why there is none.</returns>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="InvalidOperationException">It was asked for before.</exception>
    public ValueTask<(ScanPage? Page, Refusal? Refusal)> ScanAsync(AwaitedScan scan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scan);
        var answer = scan.Begin(_answers);
        engine.Read(scan);
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Opens a session for a moment. Whoever has called it calls <see cref="Disconnect"/> in the end, however it ended.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the wait; the session may be opened all the same.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="TimeoutException">No answer came in time: it may be opened, or not.</exception>
    /// <exception cref="InvalidOperationException">It was opened before.</exception>
    public ValueTask<SessionOpening> OpenSessionAsync(BriefSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        var answer = session.Begin(_answers);
        engine.OpenSession(session);
        return answer.WaitAsync(cancellationToken);
    }

    /// <summary>Leaves a session: one that was not ended ends with its lease.</summary>
    /// <param name="session">The session.</param>
    public void Disconnect(BriefSession session) => engine.Disconnect(session);
}
