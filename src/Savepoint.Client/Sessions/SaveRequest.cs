using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>A save on its way.</summary>
internal sealed class SaveRequest : UnitRequest
{
    private readonly ProfileSession _session;
    private readonly ChangeSegment _segment;

    private SaveRequest(ProfileSession session, ChangeSegment segment, byte[] body, SentChange change, SubscriptionTable subscriptions)
        : base("The save", body, [change], subscriptions)
    {
        _session = session;
        _segment = segment;
        IsMutation = true;
        Kind = session.Kind;
        Id = session.Id;
    }

    public static SaveRequest Create(ProfileSession session, ChangeSegment segment, SubscriptionTable subscriptions)
    {
        var delta = segment.Seal();
        var mutation = new Mutation
        {
            Kind = session.Kind,
            Id = session.Id,
            Session = (ulong)session.Number,
            Delta = UnsafeByteOperations.UnsafeWrap(delta),
        };
        mutation.ProcessedMessages.AddRange(segment.Messages);
        var body = MessageBody.Encode(new Unit { Reason = segment.Reason, Mutations = { mutation } });
        return new SaveRequest(session, segment, body, new SentChange(session.Kind, session.Id, delta), subscriptions);
    }

    public override void OnPutOff() => _session.Core.Health.Failed();

    public override void OnFailed(SavepointException exception) => _session.OnSaveFailed(_segment, exception);

    public override void OnCanceled(CancellationToken cancellationToken)
    {
    }

    protected override void OnCommitted(long[] versions) => _session.OnSaved(_segment, versions[0]);
}
