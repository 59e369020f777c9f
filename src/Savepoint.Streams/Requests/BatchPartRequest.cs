using Savepoint.Documents;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;
using Unit = Savepoint.Engine.Units.Unit;

namespace Savepoint.Streams.Requests;

/// <summary>A part of a batch, which commits or is refused by itself.</summary>
internal sealed class BatchPartRequest : Unit
{
    private const ulong HasFingerprint = 1UL << 32;

    private readonly BatchRequest _batch;
    private readonly int _index;

    public BatchPartRequest(BatchRequest batch, int index, ReadOnlySpan<byte> encoded)
    {
        (_batch, _index) = (batch, index);
        Writer = batch.Connection.Writer;
        Actor = batch.Connection.Principal.Actor;
        Mutations = new Mutation[1];

        // A client that puts a batch together anew before it sends it again would be given the outcome of another part.
        Fingerprint = HasFingerprint | Crc32C.Compute(encoded);
    }

    /// <summary>What is wrong with it before anyone looks at its entity; null for nothing.</summary>
    public string? Problem { get; set; }

    /// <summary>Gives it its outcome without the engine.</summary>
    public void Refuse(Error error)
    {
        _batch.Connection.Services.Metrics.PartsAnswered(error.Code, 1);
        _batch.Refused(_index, error);
    }

    protected override void Completed(Refusal? refusal)
    {
        _batch.Connection.Services.Metrics.PartsAnswered(refusal is null ? StreamMetrics.Ok : RequestErrors.CountedAs(refusal), 1);
        if (refusal is null)
            _batch.Committed(_index, Mutations[0].ResultVersion);
        else
            _batch.Refused(_index, RequestErrors.From(refusal, _batch.Connection.Principal, Mutations[0].Key));
    }
}
