using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

internal enum RequestState : byte
{
    /// <summary>Has no number yet, so it can be taken back without a trace.</summary>
    Queued,

    /// <summary>Has a number, and is sent again on every connection until it is answered.</summary>
    Sent,

    /// <summary>Answered, or taken back.</summary>
    Done,
}

/// <summary>A request from its making to its answer. Its state is guarded by the pipeline's lock.</summary>
/// <param name="name">For errors.</param>
/// <param name="body">The body field of the message, encoded.</param>
internal abstract class PendingRequest(string name, byte[] body)
{
    public string Name { get; } = name;

    /// <summary>Kept for sending it again, which has to be byte for byte the same.</summary>
    public byte[] Body { get; } = body;

    /// <summary>Whether it changes something, so that a lost answer leaves its outcome unknown.</summary>
    public bool IsMutation { get; init; }

    /// <summary>
    /// Whether its answer may take minutes: then it does not hold back what is reported as received, which would make the server keep all outcomes of
    /// that time. It has to know what to do when the server has forgotten its own: <see cref="IsToBeAskedAnew"/>.
    /// </summary>
    public bool MayWaitLong { get; init; }

    public string? Kind { get; init; }

    public string? Id { get; init; }

    /// <summary>The lane that it concerns, and goes to while that is open; null when it may go to any node.</summary>
    public Lane? BoundTo { get; init; }

    /// <summary>The entities that it names.</summary>
    public virtual int KeyCount => Kind is null ? 0 : 1;

    /// <summary>When the caller stops waiting, in ticks of the clock; the request itself goes on.</summary>
    public long Deadline { get; set; } = long.MaxValue;

    public RequestState State { get; set; }

    /// <summary>Whether nobody waits for the answer any more.</summary>
    public bool IsAbandoned { get; set; }

    public CancellationTokenRegistration Registration { get; set; }

    public ulong Number { get; set; }

    /// <summary>Whether it may not overtake another one that concerns the same shard.</summary>
    public bool IsOrdered { get; set; }

    /// <summary>Whether it is counted in <see cref="ShardRoute.Outstanding"/> of the shards that it concerns.</summary>
    public bool IsCounted { get; set; }

    /// <summary>The shards that it concerns; null when only the server knows.</summary>
    public ShardPlace? Place { get; set; }

    /// <summary>Where it is sent, or waits to be; once it is answered, where that was.</summary>
    public Lane? Lane { get; set; }

    public long SentAt { get; set; }

    /// <summary>The same by the wall clock, which goes on while the machine sleeps.</summary>
    public DateTimeOffset SentAtUtc { get; set; }

    /// <summary>Whether it was sent more than once: then the server may have carried out an earlier sending whose answer was lost.</summary>
    public bool WasSentAgain { get; set; }

    /// <summary>When to send it once more under its number, in ticks of the clock, after a refusal that settles nothing.</summary>
    public long SendAgainAt { get; set; } = long.MaxValue;

    /// <summary>The outcome when no answer comes.</summary>
    public RequestOutcome OutcomeIfLost => State != RequestState.Queued && IsMutation ? RequestOutcome.Unknown : RequestOutcome.NotApplied;

    /// <summary>One of the entities that it names.</summary>
    public virtual (string Kind, string Id) KeyAt(int index) => (Kind!, Id!);

    /// <summary>Whether what the answer says calls for asking once more, under a new number.</summary>
    public virtual bool IsToBeAskedAnew(ServerMessage answer) => false;

    /// <summary>Takes the answer, an error too; on the receiving flow, so that what it sets up is there before the next message.</summary>
    public abstract void OnAnswer(ServerMessage answer);

    /// <summary>It was refused for now, and will be sent again.</summary>
    public virtual void OnPutOff()
    {
    }

    /// <summary>Takes what an answer that settles only a part of it, or nothing, says all the same; whether it is sent again or given up then.</summary>
    /// <param name="answer">The refusal, or what there is of the answer.</param>
    public virtual void OnPartlyAnswered(ServerMessage answer)
    {
    }

    /// <summary>Takes an answer that nobody waits for any more.</summary>
    public virtual void OnLateAnswer(ServerMessage answer)
    {
    }

    /// <summary>There will be no answer, or it is not waited for any longer.</summary>
    public abstract void OnFailed(SavepointException exception);

    public abstract void OnCanceled(CancellationToken cancellationToken);
}
