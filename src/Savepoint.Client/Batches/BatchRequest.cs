using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Parts of a batch that go in one message, on their way. What is known of a part stays known, also when the message has to be sent again for another.</summary>
/// <param name="body">The body field of the message, encoded.</param>
/// <param name="changes">All parts of the batch.</param>
/// <param name="places">Those that are sent.</param>
/// <param name="outcome">Where their results go.</param>
internal sealed class BatchRequest(byte[] body, IReadOnlyList<SentChange> changes, IReadOnlyList<int> places, BatchOutcome outcome) : PendingRequest("The batch", body)
{
    public override int KeyCount => places.Count;

    public override (string Kind, string Id) KeyAt(int index) => (changes[places[index]].Kind, changes[places[index]].Id);

    public override void OnAnswer(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.BatchResult && answer.BatchResult.Parts.Count == places.Count)
            Settle(answer.BatchResult, settlesAll: true);
        else if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnFailed(SavepointException.From(answer.Error));
        else
            OnFailed(SavepointException.Violation($"{Name} was answered with {answer.BodyCase}."));
    }

    public override void OnPartlyAnswered(ServerMessage answer)
    {
        if (answer.BodyCase == ServerMessage.BodyOneofCase.BatchResult && answer.BatchResult.Parts.Count == places.Count)
            Settle(answer.BatchResult, settlesAll: false);
    }

    public override void OnFailed(SavepointException exception)
    {
        foreach (var place in places)
        {
            if (!outcome.IsSettled(place))
                outcome.Settle(place, new BatchPartResult(OfPart(exception, place)));
        }
    }

    public override void OnCanceled(CancellationToken cancellationToken) => outcome.Cancel(cancellationToken);

    private void Settle(BatchResult result, bool settlesAll)
    {
        for (var i = 0; i < result.Parts.Count; i++)
        {
            var part = result.Parts[i];
            if (part.Error is null)
                outcome.Settle(places[i], new BatchPartResult((long)part.Version));
            else if (settlesAll || (!part.Error.Transient && !part.Error.OutcomeUnknown))
                outcome.Settle(places[i], new BatchPartResult(OfPart(SavepointException.From(part.Error), places[i])));
        }
    }

    // Parts share no exception: each may be thrown.
    private SavepointException OfPart(SavepointException exception, int place) => new(exception.Code, exception.Message, exception.InnerException)
    {
        IsTransient = exception.IsTransient,
        Outcome = exception.Outcome,
        Kind = changes[place].Kind,
        Id = changes[place].Id,
        ChangeIndex = place,
        ExpectedVersion = exception.ExpectedVersion,
        CurrentVersion = exception.CurrentVersion,
        Holder = exception.Holder,
        Path = exception.Path,
        RetryAfter = exception.RetryAfter,
    };
}
