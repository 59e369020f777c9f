using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Wire;

/// <summary>Refusals as they are sent.</summary>
internal static class WireRefusals
{
    public static PeerRefusal Of(Refusal refusal)
    {
        var sent = new PeerRefusal
        {
            Code = (uint)refusal.Code,
            Mutation = refusal.Mutation,
            Kind = refusal.Key.Kind ?? "",
            Id = refusal.Key.Id ?? "",
            DocumentError = (uint)refusal.DocumentError,
            ExpectedVersion = refusal.ExpectedVersion,
            CurrentVersion = refusal.CurrentVersion,

            // A node that stops says nothing of the request either: its shards get another owner.
            ConcernsOwnership = refusal.ConcernsOwnership || refusal.Code == RefusalCode.ShuttingDown,
            Shard = -1,
        };
        if (refusal.Path is not null)
            sent.Path = refusal.Path;
        if (refusal.Holder is not null)
            sent.Holder = refusal.Holder;
        if (refusal.Detail is not null)
            sent.Detail = refusal.Detail;
        if (refusal.RetryAfter is { } pause)
            sent.RetryAfter = pause.Ticks;
        return sent;
    }

    public static Refusal Read(PeerRefusal sent) => new((RefusalCode)sent.Code)
    {
        Mutation = sent.Mutation,
        Key = sent.Kind.Length == 0 ? default : new EntityKey(sent.Kind, sent.Id),
        DocumentError = (DocumentError)sent.DocumentError,
        Path = sent.HasPath ? sent.Path : null,
        ExpectedVersion = sent.ExpectedVersion,
        CurrentVersion = sent.CurrentVersion,
        Holder = sent.HasHolder ? sent.Holder : null,
        Detail = sent.HasDetail ? sent.Detail : null,
        RetryAfter = sent.HasRetryAfter ? TimeSpan.FromTicks(sent.RetryAfter) : null,
        ConcernsOwnership = sent.ConcernsOwnership,
    };
}
