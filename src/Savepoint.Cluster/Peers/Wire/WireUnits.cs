using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Units as they are sent.</summary>
internal static class WireUnits
{
    public static PeerUnit Of(Unit unit)
    {
        var sent = new PeerUnit
        {
            Writer = IdBytes.Of(unit.Writer),
            Request = unit.Request,
            ReceivedThrough = unit.ReceivedThrough,
            Fingerprint = unit.Fingerprint,
            Actor = unit.Actor,
        };
        if (unit.Reason is not null)
            sent.Reason = unit.Reason;
        if (unit.CorrelationId is not null)
            sent.CorrelationId = unit.CorrelationId;
        foreach (ref readonly var mutation in unit.Mutations.AsSpan())
            sent.Mutations.Add(Of(mutation));
        return sent;
    }

    /// <summary>Fills a unit.</summary>
    /// <exception cref="InvalidDataException">It can't be read.</exception>
    public static void Read(PeerUnit sent, Unit unit)
    {
        unit.Writer = IdBytes.Read(sent.Writer);
        unit.Request = sent.Request;
        unit.ReceivedThrough = sent.ReceivedThrough;
        unit.Fingerprint = sent.Fingerprint;
        unit.Actor = sent.Actor;
        unit.Reason = sent.HasReason ? sent.Reason : null;
        unit.CorrelationId = sent.HasCorrelationId ? sent.CorrelationId : null;
        unit.Mutations = [.. sent.Mutations.Select(Read)];
    }

    public static PeerCommitted Committed(Unit unit)
    {
        var sent = new PeerCommitted();
        foreach (ref readonly var mutation in unit.Mutations.AsSpan())
            sent.Versions.Add(mutation.ResultVersion);
        return sent;
    }

    private static PeerMutation Of(in Mutation mutation)
    {
        var sent = new PeerMutation
        {
            Kind = mutation.Key.Kind ?? "",
            Id = mutation.Key.Id ?? "",
            Change = KindOf(mutation.Kind),
            Payload = WireValues.Of(mutation.Payload),
            Session = mutation.Session,
            Template = WireValues.Of(mutation.Template),
            RestoredVersion = mutation.RestoredVersion,
            Repairs = mutation.Repairs,
        };
        if (mutation.Intent is not null)
            sent.Intent = mutation.Intent;
        if (mutation.ExpectedVersion is { } version)
            sent.ExpectedVersion = version;
        if (mutation.ProcessedMessages is not null)
            sent.ProcessedMessages.Add(mutation.ProcessedMessages);
        return sent;
    }

    private static Mutation Read(PeerMutation sent) => new()
    {
        Key = new EntityKey(sent.Kind, sent.Id),
        Kind = ReadKind(sent.Change),
        Payload = sent.Payload.Memory,
        Intent = sent.HasIntent ? sent.Intent : null,
        ExpectedVersion = sent.HasExpectedVersion ? sent.ExpectedVersion : null,
        Session = sent.Session,
        ProcessedMessages = sent.ProcessedMessages.Count == 0 ? null : [.. sent.ProcessedMessages],
        Template = sent.Template.Memory,
        RestoredVersion = sent.RestoredVersion,
        Repairs = sent.Repairs,
    };

    // What this does not know, the engine does not either, and refuses.
    private static PeerMutation.Types.Kind KindOf(MutationKind kind) => kind switch
    {
        MutationKind.Delta => PeerMutation.Types.Kind.Delta,
        MutationKind.Intent => PeerMutation.Types.Kind.Intent,
        MutationKind.Remove => PeerMutation.Types.Kind.Remove,
        MutationKind.Message => PeerMutation.Types.Kind.Message,
        MutationKind.EndSession => PeerMutation.Types.Kind.EndSession,
        MutationKind.Restore => PeerMutation.Types.Kind.Restore,
        MutationKind.Erase => PeerMutation.Types.Kind.Erase,
        _ => PeerMutation.Types.Kind.Unspecified,
    };

    private static MutationKind ReadKind(PeerMutation.Types.Kind kind) => kind switch
    {
        PeerMutation.Types.Kind.Delta => MutationKind.Delta,
        PeerMutation.Types.Kind.Intent => MutationKind.Intent,
        PeerMutation.Types.Kind.Remove => MutationKind.Remove,
        PeerMutation.Types.Kind.Message => MutationKind.Message,
        PeerMutation.Types.Kind.EndSession => MutationKind.EndSession,
        PeerMutation.Types.Kind.Restore => MutationKind.Restore,
        PeerMutation.Types.Kind.Erase => MutationKind.Erase,
        _ => throw new InvalidDataException("This kind of mutation is not known."),
    };
}
