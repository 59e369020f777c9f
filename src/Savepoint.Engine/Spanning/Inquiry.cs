using Savepoint.Engine.Commits;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>What a home shard says of an attempt at a unit.</summary>
internal enum Fate : byte
{
    /// <summary>It is not decided yet: ask again.</summary>
    UnderWay = 1,

    /// <summary>It takes effect.</summary>
    Committed = 2,

    /// <summary>It never will take effect.</summary>
    Aborted = 3,
}

/// <summary>A home shard's answer.</summary>
/// <param name="Fate">What it says.</param>
/// <param name="Versions">For <see cref="Fate.Committed"/>: what the part of the asking shard is to make.</param>
/// <param name="Refusal">Why it says nothing; null where it does.</param>
internal readonly record struct InquiryAnswer(Fate Fate, long[] Versions, Refusal? Refusal = null);

/// <summary>
/// Tells what becomes of an attempt. That it is aborted is said once a record of that is durable: only the shard's owner can write one, and it knows all
/// decisions of those before it; so it is the truth whoever else believes to be the owner.
/// </summary>
internal sealed class InquiryDesk(EngineContext context)
{
    public Task<InquiryAnswer> AskAsync(int homeShard, Guid id, int askingShard)
    {
        var home = context.Shards[homeShard];
        lock (home.Gate)
        {
            home = context.Shards[homeShard];
            if (context.ServingRefusal(home) is { } refusal)
                return Task.FromResult(new InquiryAnswer(default, [], refusal));
            if (home.Units.FindDecision(id) is { } decision)
            {
                return Task.FromResult(decision.Sequence <= home.CommittedSequence && decision.VersionsOf(askingShard) is { } versions
                    ? new InquiryAnswer(Fate.Committed, versions)
                    : new InquiryAnswer(Fate.UnderWay, []));
            }

            if (home.Units.IsUnderWay(id))
                return Task.FromResult(new InquiryAnswer(Fate.UnderWay, []));
            home.AppendOwn(Journal.RecordType.UnitAborted, id.ToByteArray(), context.Time.GetUtcNow().UtcTicks);
            var aborted = new AbortedDurably();
            home.Then(aborted);
            return aborted.Answer;
        }
    }

    private sealed class AbortedDurably : Effect
    {
        private readonly TaskCompletionSource<InquiryAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<InquiryAnswer> Answer => _answer.Task;

        public override void Run() => _answer.TrySetResult(new InquiryAnswer(Fate.Aborted, []));

        public override void Fail(Refusal refusal) => _answer.TrySetResult(new InquiryAnswer(default, [], refusal));
    }
}
