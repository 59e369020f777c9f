using Savepoint.Engine.Journal;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// Brings the steps of units to the owners of their shards: here where this engine serves the shard, else over the peers. What does not come back in time is
/// refused as transient: it may take effect all the same.
/// </summary>
internal sealed class PartOwners(EngineContext context, PartDesk parts, InquiryDesk inquiries, IShardPeers? peers)
{
    private static readonly Refusal NoAnswer = new(RefusalCode.Unavailable) { Detail = "the owner of a shard of the unit does not answer" };

    /// <summary>Carries out units.</summary>
    public required Action<Unit> Submit { get; init; }

    /// <summary>Whether there is a way to shards that are not served here.</summary>
    public bool HasPeers => peers is not null;

    /// <summary>Prepares a part.</summary>
    /// <returns>The versions that it will make, or why it can't be prepared.</returns>
    public async Task<(Refusal? Refusal, long[] Versions)> PrepareAsync(UnitPart part, int shard, CancellationToken stopping)
    {
        if (!context.IsServed(shard))
        {
            var (refusal, answer) = await CallAsync(shard, PeerMessages.Prepare(part), static bytes => PeerMessages.ReadPrepared(bytes.Span), stopping);
            return refusal is null ? (Heed(shard, answer.Refusal), answer.Versions) : (refusal, []);
        }

        Submit(part);
        return await WaitHereAsync(part.Prepared, NoAnswer, stopping) is { } local ? (local, []) : (null, VersionsOf(part));
    }

    /// <summary>Ends a part.</summary>
    /// <returns>Null once it has ended durably.</returns>
    public async Task<Refusal?> EndAsync(int shard, Guid id, long[]? versions, CancellationToken stopping)
    {
        if (!context.IsServed(shard))
        {
            var (refusal, answer) = await CallAsync(shard, PeerMessages.End(shard, id, versions), static bytes => PeerMessages.ReadEnded(bytes.Span), stopping);
            return refusal ?? Heed(shard, answer);
        }

        var ending = new PartEnding(shard, id, versions);
        parts.End(ending);
        return await WaitHereAsync(ending.Ended, NoAnswer, stopping);
    }

    /// <summary>Asks what becomes of an attempt.</summary>
    public async Task<InquiryAnswer> AskAsync(int homeShard, Guid id, int askingShard, CancellationToken stopping)
    {
        if (context.IsServed(homeShard))
            return await WaitHereAsync(inquiries.AskAsync(homeShard, id, askingShard), new InquiryAnswer(default, [], NoAnswer), stopping);
        var (refusal, answer) = await CallAsync(
            homeShard, PeerMessages.Inquire(homeShard, id, askingShard), static bytes => PeerMessages.ReadFate(bytes.Span), stopping);
        return refusal is null ? answer with { Refusal = Heed(homeShard, answer.Refusal) } : new InquiryAnswer(default, [], refusal);
    }

    /// <summary>Answers another node.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            return await (Begin(request.Span) switch
            {
                UnitPart part => AnswerPrepareAsync(part, cancellationToken),
                PartEnding ending => AnswerEndAsync(ending, cancellationToken),
                (int home, Guid id, int asking) => AnswerInquiryAsync(home, id, asking, cancellationToken),
                _ => throw new JournalFormatException("a message of another node is not known here"),
            });
        }
        catch (JournalFormatException malformed)
        {
            return PeerMessages.Refused(new Refusal(RefusalCode.Unavailable) { Detail = malformed.Message });
        }
    }

    private object Begin(ReadOnlySpan<byte> request)
    {
        var cursor = new ByteCursor(request);
        switch (PeerMessages.ReadRequest(ref cursor))
        {
            case PeerMessages.Request.Prepare:
                var part = PartCodec.Read(ref cursor);
                if (part.Mutations.Length == 0)
                    throw new JournalFormatException("a part has no mutations");
                return part;
            case PeerMessages.Request.End:
                var (shard, id, versions) = PeerMessages.ReadEnd(ref cursor);
                return new PartEnding(Check(shard), id, versions);
            case PeerMessages.Request.Inquire:
                var (home, asked, asking) = PeerMessages.ReadInquire(ref cursor);
                return (Check(home), asked, asking);
            default:
                throw new JournalFormatException("a message of another node is not known here");
        }
    }

    private int Check(int shard) => shard >= 0 && shard < context.Shards.Length ? shard : throw new JournalFormatException("there is no such shard");

    private async Task<byte[]> AnswerPrepareAsync(UnitPart part, CancellationToken cancellationToken)
    {
        Submit(part);
        return await WaitHereAsync(part.Prepared, NoAnswer, cancellationToken) is { } refusal ? PeerMessages.Refused(refusal) : PeerMessages.Prepared(VersionsOf(part));
    }

    private async Task<byte[]> AnswerEndAsync(PartEnding ending, CancellationToken cancellationToken)
    {
        parts.End(ending);
        return await WaitHereAsync(ending.Ended, NoAnswer, cancellationToken) is { } refusal ? PeerMessages.Refused(refusal) : PeerMessages.Ended();
    }

    private async Task<byte[]> AnswerInquiryAsync(int home, Guid id, int asking, CancellationToken cancellationToken)
    {
        var answer = await WaitHereAsync(inquiries.AskAsync(home, id, asking), new InquiryAnswer(default, [], NoAnswer), cancellationToken);
        return answer.Refusal is { } refusal ? PeerMessages.Refused(refusal) : PeerMessages.Of(answer);
    }

    private async Task<(Refusal? Refusal, T Answer)> CallAsync<T>(
        int shard, byte[] request, Func<ReadOnlyMemory<byte>, T> read, CancellationToken stopping)
    {
        if (peers is null)
            return (NoAnswer, default!);
        using var limit = new CancellationTokenSource(context.Options.PeerTimeout, context.Time);
        using var limitOrStop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            return (null, read(await peers.CallAsync(shard, request, limitOrStop.Token)));
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or JournalFormatException)
        {
            return (NoAnswer, default!);
        }
    }

    private Refusal? Heed(int shard, Refusal? answer)
    {
        if (answer?.Code == RefusalCode.NotOwner)
            peers?.Doubt(shard);
        return answer;
    }

    /// <summary>Waits for something in this engine, which ends by itself unless the store hangs.</summary>
    private async Task<T> WaitHereAsync<T>(Task<T> answer, T none, CancellationToken stopping)
    {
        if (answer.IsCompleted)
            return await answer;

        // Task.WhenAny would leave the scheduler.
        var first = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = new CancellationTokenSource(context.Options.PeerTimeout, context.Time);
        using var onLimit = limit.Token.Register(() => first.TrySetResult(none));
        using var onStop = stopping.Register(() => first.TrySetResult(none));
        _ = ForwardAsync(answer, first);
        return await first.Task;

        static async Task ForwardAsync(Task<T> answer, TaskCompletionSource<T> first) => first.TrySetResult(await answer);
    }

    private static long[] VersionsOf(UnitPart part) => Array.ConvertAll(part.Mutations, mutation => mutation.ResultVersion);
}
