using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Routing;

/// <summary>A unit on its way to the owner of its first entity's shard, where its outcome is remembered.</summary>
internal sealed class RoutedUnit(RoutedEngine router, int shard, Unit unit) : RoutedRequest(router, shard)
{
    public override Guid Writer => unit.Writer;

    public override long Order => BatchPart.OrderOf(unit.Request);

    public override bool IsRepeatable => unit.Writer != Guid.Empty;

    public override void SubmitTo(StateEngine engine)
    {
        // Should it come back, it is known how long it has been on its way.
        unit.Route = this;
        engine.Submit(unit);
    }

    public override void Refuse(Refusal refusal) => unit.Completed(refusal);

    public override PeerMessage Write() => new() { Unit = WireUnits.Of(unit) };

    protected override void TakeAnswer(PeerMessage message)
    {
        if (message.BodyCase != PeerMessage.BodyOneofCase.Committed || message.Committed.Versions.Count != unit.Mutations.Length)
        {
            Refuse(new Refusal(RefusalCode.OutcomeUnknown));
            throw Unexpected(message);
        }

        for (var i = 0; i < unit.Mutations.Length; i++)
            unit.Mutations[i].ResultVersion = message.Committed.Versions[i];
        unit.Completed(null);
    }
}
