using Savepoint.Cluster.Peers.Wire;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Links;

/// <summary>A call of another node.</summary>
internal sealed class CallRequest(PeerCall kind, ReadOnlyMemory<byte> content) : LinkRequest
{
    private readonly TaskCompletionSource<ReadOnlyMemory<byte>> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<ReadOnlyMemory<byte>> Answer => _answer.Task;

    public override bool IsUrgent => true;

    public override PeerMessage Write() => new() { Call = new PeerCallRequest { Kind = (uint)kind, Content = WireValues.Of(content) } };

    public override void Take(PeerMessage message)
    {
        if (message.BodyCase == PeerMessage.BodyOneofCase.CallAnswer && !message.CallAnswer.HasFailure)
            _answer.TrySetResult(message.CallAnswer.Content.Memory);
        else
            _answer.TrySetException(new IOException($"The other node could not answer: {message.CallAnswer?.Failure ?? message.Refusal?.Detail}"));
    }

    public override void Broken(bool mayHaveArrived, string reason) => _answer.TrySetException(new IOException(reason));

    public void Cancel(PeerLink link, CancellationToken cancellationToken)
    {
        link.Leave(this, farewell: null);
        _answer.TrySetCanceled(cancellationToken);
    }
}
