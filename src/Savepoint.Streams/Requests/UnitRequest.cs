using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;
using Mutation = Savepoint.Engine.Units.Mutation;
using Unit = Savepoint.Engine.Units.Unit;

namespace Savepoint.Streams.Requests;

/// <summary>A unit on its way through the engine, together with the bytes that its payloads stand in. Used again and again.</summary>
internal sealed class UnitRequest(StreamConnection connection) : Unit
{
    private const int KeptArrays = 8;
    private const int KeptBytes = 4 << 10;

    // Units of a few mutations are the rule, and the engine wants arrays of the exact length.
    private readonly Mutation[]?[] _arrays = new Mutation[KeptArrays + 1][];
    private byte[] _bytes = [];

    /// <summary>The request's own copy of the encoded unit.</summary>
    public ReadOnlyMemory<byte> Content { get; private set; }

    public void Begin(long request, long receivedThrough, ReadOnlySpan<byte> content)
    {
        if (_bytes.Length < content.Length)
            _bytes = new byte[Math.Max(256, content.Length)];
        content.CopyTo(_bytes);
        Content = _bytes.AsMemory(0, content.Length);
        Writer = connection.Writer;
        Actor = connection.Principal.Actor;
        Request = request;
        ReceivedThrough = receivedThrough;
        Reason = null;
    }

    public Mutation[] TakeMutations(int count)
    {
        Mutations = count > KeptArrays ? new Mutation[count] : _arrays[count] ??= new Mutation[count];
        return Mutations;
    }

    /// <summary>Forgets what would hold much memory until the next use.</summary>
    public void Reset()
    {
        if (_bytes.Length > KeptBytes)
            _bytes = [];
        if (Mutations.Length > KeptArrays)
            Mutations = [];
        Content = default;
    }

    protected override void Completed(Refusal? refusal)
    {
        var outbox = connection.Outbox;
        string outcome;
        lock (outbox.Gate)
        {
            if (refusal is null)
            {
                outcome = StreamMetrics.Ok;
                outbox.AnswerCommitted(Request, Mutations);
            }
            else
            {
                outcome = RequestErrors.CountedAs(refusal);
                outbox.Answer(new ServerMessage { Request = (ulong)Request, Error = RequestErrors.From(refusal, connection.Principal) });
            }

            connection.Units.Return(this);
        }

        connection.Services.Metrics.Answered(outcome);
    }
}
