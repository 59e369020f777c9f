using Savepoint.Engine;
using Savepoint.Engine.Ownership;
using Savepoint.Engine.Storage;

namespace Savepoint.Cluster.Members;

/// <summary>
/// Hands shards over, a few at a time, so that each is served by nobody for as short as can be:
/// 1. ask the next owner whether it is there and can take the shard: until it says so, nothing is stopped;
/// 2. have the engine release the shard;
/// 3. give up the term, for good, and write the next owner into the tables;
/// 4. tell it, and wait until it serves the shard;
/// 5. let everybody here know where the shard is.
/// Whatever fails behind 2, the tables say who is to go on, and both sides look at them: when 3 was lost, this node gives the shard away once more; when
/// 4 was lost, the next owner finds the shard with its next renewal.
/// </summary>
internal sealed class HandOvers(
    ClusterNode self, StateEngine engine, ILeaseStore store, IPeers peers, ShardMaps maps, Holdings holdings, LookSchedule looks, MemberOptions options,
    TimeProvider time, IMemberObserver observer)
{
    // After so many calls that were not answered the shard goes to a node that only the database can reach.
    private const int MostUnanswered = 3;

    private readonly Lock _gate = new();
    private readonly SortedSet<int> _moving = [];
    private readonly Dictionary<Guid, int> _unanswered = [];
    private Queue<Move> _planned = new();
    private TaskCompletionSource? _idle;

    /// <summary>Whether a shard is on its way.</summary>
    public bool IsMoving(int shard)
    {
        lock (_gate)
            return _moving.Contains(shard);
    }

    /// <summary>Replaces what was planned, and is not under way, and begins.</summary>
    public void Plan(IEnumerable<Move> moves)
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            _planned = new Queue<Move>(moves);
            idle = TakeIdle();
        }

        idle?.TrySetResult();
        Begin();
    }

    /// <summary>Waits until everything that was planned has ended, well or not.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
        {
            if (_moving.Count == 0 && _planned.Count == 0)
                return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    private void Begin()
    {
        while (TakeNext() is { } move)
            _ = RunAsync(move);
    }

    private Move? TakeNext()
    {
        lock (_gate)
        {
            while (_moving.Count < options.MovesAtOnce && _planned.TryDequeue(out var move))
            {
                if (_moving.Add(move.Shard))
                    return move;
            }

            return null;
        }
    }

    private async Task RunAsync(Move move)
    {
        try
        {
            if (move.To is null)
                await FreeAsync(move.Shard, move.Term);
            else if (await IsWelcomeAsync(move.Shard, move.To, move.IsUrgent))
                await MoveAsync(move.Shard, move.Term, move.To);
        }
        catch (Exception failure) when (failure is StoreException or OperationCanceledException)
        {
            // The tables may say one or the other: they will be looked at.
            observer.HandOverFailed(move.Shard, move.To ?? self, failure.Message);
        }
        finally
        {
            End(move.Shard);
        }
    }

    private void End(int shard)
    {
        TaskCompletionSource? idle;
        lock (_gate)
        {
            _moving.Remove(shard);
            idle = TakeIdle();
        }

        idle?.TrySetResult();
        Begin();
    }

    /// <summary>Takes who waits for the end, if it has come. Under the gate.</summary>
    private TaskCompletionSource? TakeIdle()
    {
        if (_moving.Count > 0 || _planned.Count > 0)
            return null;
        var idle = _idle;
        _idle = null;
        return idle;
    }

    private async Task<bool> IsWelcomeAsync(int shard, ClusterNode to, bool isUrgent)
    {
        var answer = await AskAsync(to, HandOverStep.Prepare, shard);
        lock (_gate)
        {
            var unanswered = _unanswered[to.Id] = answer is null ? _unanswered.GetValueOrDefault(to.Id) + 1 : 0;
            if (answer == true || (answer is null && (isUrgent || unanswered >= MostUnanswered)))
                return true;
        }

        observer.HandOverFailed(shard, to, answer is null ? "it does not answer" : "it can't take the shard at present");
        return false;
    }

    private async Task MoveAsync(int shard, long term, ClusterNode to)
    {
        var began = time.GetTimestamp();
        var released = (await engine.ReleaseShardsAsync([shard], CancellationToken.None)).SingleOrDefault();
        holdings.Spend(shard, term);
        using (var limit = new CancellationTokenSource(options.PeerTimeout, time))
        {
            if (!await store.HandOverAsync(shard, self.Id, term, to.Id, options.Lease, limit.Token))
            {
                observer.HandOverFailed(shard, to, "it is gone, or the shard is");
                looks.LookSoon();
                return;
            }
        }

        var isServed = await AskAsync(to, HandOverStep.Take, shard) == true;
        maps.Learn(shard, new ShardOwner(to, term + 1));
        observer.HandedOver(shard, to, released, time.GetElapsedTime(began), isServed);
    }

    /// <summary>A term that was given away, and came back: only under another one can the shard be served.</summary>
    private async Task FreeAsync(int shard, long term)
    {
        holdings.Spend(shard, term);
        using var limit = new CancellationTokenSource(options.PeerTimeout, time);
        await store.ReleaseAsync(shard, self.Id, term, limit.Token);
        looks.LookSoon();
    }

    /// <returns>The answer; null when there was none.</returns>
    private async Task<bool?> AskAsync(ClusterNode node, HandOverStep step, int shard)
    {
        using var limit = new CancellationTokenSource(options.PeerTimeout, time);
        try
        {
            return HandOverMessage.IsYes(await peers.CallAsync(node, PeerCall.HandOver, new HandOverMessage(step, shard).ToBytes(), limit.Token));
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return null;
        }
    }
}

/// <summary>A shard that is to go.</summary>
/// <param name="Shard">The shard.</param>
/// <param name="Term">The term under which it is this node's.</param>
/// <param name="To">Where to; null to leave it to whoever wants it.</param>
/// <param name="IsUrgent">Whether it goes also to a node that does not answer.</param>
internal sealed record Move(int Shard, long Term, ClusterNode? To, bool IsUrgent);
