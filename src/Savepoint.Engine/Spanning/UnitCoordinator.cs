using System.Diagnostics.CodeAnalysis;
using Savepoint.Engine.Commits;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// Brings units to their end whose shards no single commit can cover (docs/design/0002-units-over-nodes.md). Each attempt at one has an id of its own:
/// 1. the parts are prepared, shard by shard in their order: checked, kept and held by their owners, and journaled there. What commits together with the home
///    shard is only held;
/// 2. once all of that is durable, one commit has what the home shard's parts do, the outcome of the request, and the decision. With it the unit takes
///    effect, and the caller is answered;
/// 3. the other parts are carried out by their owners, and what they hold is free;
/// 4. when all have answered that, durably, the decision is forgotten.
/// Where a part is refused, or does not answer in time, all are told to forget it; a refusal that can pass is tried again under a new id.
/// </summary>
internal sealed class UnitCoordinator(EngineContext context, PartOwners owners, PartDesk parts) : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(1);

    private static readonly Refusal Overturned =
        new(RefusalCode.Unavailable) { Detail = "a change that the unit built on could not be stored" };

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _flows = [];
    private int _underWay;

    /// <summary>Units that are not decided yet.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Takes a unit up. Under its home shard's lock; <see cref="Start"/> is to follow.</summary>
    /// <returns>Why not.</returns>
    public Refusal? TryBegin(Unit unit, Shard home, out Undertaking? undertaking)
    {
        undertaking = null;
        if (UnderWay + home.Units.Decisions >= context.Options.MaxUnitsUnderWay)
            return new Refusal(RefusalCode.Overloaded) { Detail = "too many units over several nodes or databases are under way", RetryAfter = TimeSpan.FromSeconds(1) };
        Interlocked.Increment(ref _underWay);
        undertaking = new Undertaking(unit, home);
        home.Units.Begin(undertaking);
        return null;
    }

    /// <summary>Brings it to its end. Under no lock.</summary>
    public void Start(Undertaking undertaking)
    {
        var flow = RunAsync(undertaking);
        if (flow.IsCompleted)
            return;
        lock (_gate)
        {
            _flows.RemoveWhere(other => other.IsCompleted);
            _flows.Add(flow);
        }
    }

    /// <summary>Ends what is not decided yet.</summary>
    // CancelAsync would leave the scheduler that the engine runs on for the thread pool.
    [SuppressMessage("Performance", "CA1849", Justification = "See above.")]
    public async Task StopAsync()
    {
        _stopping.Cancel();
        Task[] flows;
        lock (_gate)
            flows = [.. _flows];
        await Task.WhenAll(flows);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(Undertaking undertaking)
    {
        Refusal? refusal;
        try
        {
            refusal = await TryAsync(undertaking, _stopping.Token);
        }
#pragma warning disable CA1031 // Whatever it is, the caller has to be answered; nothing was decided.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            context.Report(fault);
            refusal = new Refusal(RefusalCode.Unavailable) { Detail = "a fault of the engine" };
        }

        Interlocked.Decrement(ref _underWay);
        if (refusal is not null)
            Refuse(undertaking, refusal);
    }

    /// <returns>Why it has no effect; null when it is decided.</returns>
    private async Task<Refusal?> TryAsync(Undertaking undertaking, CancellationToken stopping)
    {
        var deadline = context.Now + context.Options.UnitTimeout.Ticks;
        for (var backoff = FirstBackoff; ; backoff = backoff * 2 < MaxBackoff ? backoff * 2 : MaxBackoff)
        {
            var refusal = await AttemptAsync(undertaking, stopping);
            if (refusal is not { IsTransient: true } || context.ServingRefusal(undertaking.Home) is not null || context.Now >= deadline)
                return refusal;
            try
            {
                await Task.Delay(context.Jitter(backoff), context.Time, stopping);
            }
            catch (OperationCanceledException)
            {
                return new Refusal(RefusalCode.ShuttingDown);
            }
        }
    }

    private async Task<Refusal?> AttemptAsync(Undertaking undertaking, CancellationToken stopping)
    {
        var (id, home) = (context.NewGuid(), undertaking.Home);
        lock (home.Gate)
            home.Units.BeginAttempt(undertaking, id);
        var asked = new List<AttemptPart>();
        var isDecided = false;
        try
        {
            foreach (var part in Split(undertaking, id))
            {
                asked.Add(part);
                var (refusal, versions) = await owners.PrepareAsync(part.Part, part.Shard, stopping);
                if (refusal is not null)
                    return refusal;
                part.Versions = versions;
                undertaking.Found(part.Part, versions);
            }

            var refused = Decide(undertaking, id, asked);
            isDecided = refused is null;
            return refused;
        }
        finally
        {
            if (!isDecided)
                Abort(home, id, asked, stopping);
        }
    }

    private IEnumerable<AttemptPart> Split(Undertaking undertaking, Guid id)
    {
        var mutations = undertaking.Unit.Mutations;
        var home = undertaking.Home.Index;
        foreach (var group in Enumerable.Range(0, mutations.Length).GroupBy(index => context.ShardOf(mutations[index].Key)).OrderBy(group => group.Key.Index))
        {
            var shard = group.Key.Index;
            var isWithHome = shard == home || context.CommitTogether(home, shard);
            yield return new AttemptPart(shard, undertaking.Expecting(UnitPart.Of(undertaking.Unit, id, home, [.. group], isJournaled: !isWithHome)));
        }
    }

    /// <summary>Queues the decision, with all that commits together with it.</summary>
    /// <returns>Why it can't be made.</returns>
    private Refusal? Decide(Undertaking undertaking, Guid id, List<AttemptPart> asked)
    {
        var home = undertaking.Home;
        var own = asked.FindAll(part => !part.Part.IsJournaled);
        foreach (var part in own)
            context.Shards[part.Shard].Gate.Enter();
        var carried = new List<(Shard, Prepare)>();
        List<Unit> waiting;
        try
        {
            if (FindObstacle(undertaking, id, own, carried) is { } refusal)
                return refusal;
            Carry(undertaking, asked, carried);
            var others = asked.FindAll(part => part.Part.IsJournaled);
            if (others.Count > 0)
                Append(home, id, others);
            home.Units.EndAttempt(id);
            waiting = home.Units.End(undertaking);
            home.Pending.Complete(undertaking.Unit, refusal: null);
            home.Database.Counters.AddQueuedUnits(1);
        }
        finally
        {
            foreach (var part in own)
                context.Shards[part.Shard].Gate.Exit();
        }

        home.Database.WakeCommitter();
        foreach (var (shard, prepare) in carried)
            shard.Units.Held.Drain(shard, prepare);
        foreach (var other in waiting)
            context.Resume(other);
        return null;
    }

    /// <summary>Looks whether everything is still as it was when it was prepared. Under the locks of the shards that commit together.</summary>
    private Refusal? FindObstacle(Undertaking undertaking, Guid id, List<AttemptPart> own, List<(Shard Shard, Prepare Prepare)> carried)
    {
        foreach (var part in own)
        {
            var shard = context.Shards[part.Shard];
            if (context.ServingRefusal(shard) is { } refusal)
                return refusal with { Mutation = part.Part.Indexes[0] };
            if (shard.Units.FindPrepare(id) is not { } prepare || prepare.Part.Mutations.Any(mutation => shard.Find(mutation.Key) is null) || !parts.Fits(shard, prepare))
                return Overturned;
            carried.Add((shard, prepare));
        }

        if (context.Shards[undertaking.Home.Index] != undertaking.Home)
            return ShardService.NotOwned.Refusal;
        var unit = undertaking.Unit;
        if (unit.Writer == Guid.Empty)
            return null;
        if (undertaking.Home.Writers.Admit(unit.Writer, context.CoarseNow, out var writer) is { } refused)
            return refused;
        return BatchPart.RequestOf(unit.Request) <= writer.ReceivedThrough ? new Refusal(RefusalCode.RequestForgotten) : null;
    }

    private void Carry(Undertaking undertaking, List<AttemptPart> asked, List<(Shard Shard, Prepare Prepare)> carried)
    {
        var (unit, home, now) = (undertaking.Unit, undertaking.Home, context.Time.GetUtcNow());
        foreach (var part in asked)
        {
            for (var i = 0; i < part.Versions.Length; i++)
                unit.Mutations[part.Part.Indexes[i]].ResultVersion = part.Versions[i];
        }

        var isNumbered = unit.Writer != Guid.Empty;
        if (isNumbered && home.Writers.TryGet(unit.Writer, out var writer))
            MutationRecorder.Remember(unit, writer, home.LastSequence + 1);
        foreach (var (shard, prepare) in carried)
        {
            parts.Carry(shard, prepare, shard == home && isNumbered ? unit : null, now);
            shard.Units.End(prepare, endSequence: 0);
        }
    }

    private void Append(Shard home, Guid id, List<AttemptPart> others)
    {
        var decision = new Decision
        {
            Id = id,
            Parts = [.. others.Select(part => (part.Shard, part.Versions))],
            Sequence = home.LastSequence + 1,
            TellAt = context.Now + context.Options.InDoubtAfter.Ticks,
        };
        using var record = new ByteBuffer();
        decision.Write(record);
        home.AppendOwn(RecordType.UnitDecided, record.Written, context.Time.GetUtcNow().UtcTicks);
        home.Units.Add(decision);
        home.Then(new Decided(this, home, decision));
    }

    /// <summary>Nothing of an attempt will take effect: only this flow could have decided it.</summary>
    private void Abort(Shard home, Guid id, List<AttemptPart> asked, CancellationToken stopping)
    {
        lock (home.Gate)
            home.Units.EndAttempt(id);
        foreach (var part in asked)
            _ = owners.EndAsync(part.Shard, id, versions: null, stopping);
    }

    private void Forget(Decision decision)
    {
        foreach (var (shard, _) in decision.Parts)
            _ = owners.EndAsync(shard, decision.Id, versions: null, _stopping.Token);
    }

    /// <summary>Answers with a refusal: that of a numbered request once it is journaled, where it is not one that can pass.</summary>
    private void Refuse(Undertaking undertaking, Refusal refusal)
    {
        var (unit, home) = (undertaking.Unit, undertaking.Home);
        if (refusal.Mutation < unit.Mutations.Length && refusal.Code != RefusalCode.ShuttingDown)
        {
            ref readonly var refused = ref unit.Mutations[refusal.Mutation];
            refusal = refusal with
            {
                Key = refused.Key,
                ExpectedVersion = refusal.Code == RefusalCode.VersionMismatch ? refused.ExpectedVersion ?? 0 : refusal.ExpectedVersion,
            };
        }

        var isQueued = false;
        List<Unit> waiting;
        lock (home.Gate)
        {
            waiting = home.Units.End(undertaking);
            if (unit.Writer != Guid.Empty && !refusal.IsTransient && refusal.Code != RefusalCode.RequestForgotten)
            {
                // What can't be remembered is no answer: the next owner may carry it out.
                if ((context.ServingRefusal(home) ?? Remember(unit, home, refusal)) is { } unanswered)
                    refusal = unanswered;
                else
                    isQueued = true;
            }
        }

        if (isQueued)
            home.Database.WakeCommitter();
        else
            unit.Complete(refusal);
        foreach (var other in waiting)
        {
            if (isQueued || !undertaking.IsCopy(other))
                context.Resume(other);
            else
                other.Complete(refusal);
        }
    }

    private Refusal? Remember(Unit unit, Shard home, Refusal refusal)
    {
        if (home.Writers.Admit(unit.Writer, context.CoarseNow, out var writer) is { } refused)
            return refused;
        MutationRecorder.RecordRefusal(unit, home, writer, refusal, context.Time.GetUtcNow());
        home.Pending.Complete(unit, refusal);
        home.Database.Counters.AddQueuedUnits(1);
        return null;
    }

    /// <summary>Tells the owners of a decision's parts to carry them out, those that have not answered yet.</summary>
    public async Task TellAsync(Shard home, Decision decision, CancellationToken stopping)
    {
        // The caller may be in the midst of a commit's effects.
        await Task.Yield();
        (int Shard, long[] Versions)[] left;
        lock (home.Gate)
            left = [.. decision.Parts.Where(part => !decision.Done.Contains(part.Shard))];
        await Task.WhenAll(left.Select(part => TellAsync(home, decision, part, stopping)));
        lock (home.Gate)
        {
            decision.IsTelling = false;
            decision.TellAt = context.Now + context.Jitter(context.Options.InDoubtAfter).Ticks;
            if (decision.Done.Count < decision.Parts.Length || !decision.IsOpen || context.ServingRefusal(home) is not null || home.Units.FindDecision(decision.Id) != decision)
                return;

            // It goes with whatever is committed next.
            home.AppendOwn(RecordType.DecisionEnded, decision.Id.ToByteArray(), context.Time.GetUtcNow().UtcTicks);
            decision.EndSequence = home.LastSequence;
        }
    }

    private async Task TellAsync(Shard home, Decision decision, (int Shard, long[] Versions) part, CancellationToken stopping)
    {
        if (await owners.EndAsync(part.Shard, decision.Id, part.Versions, stopping) is not null)
            return;
        lock (home.Gate)
            decision.Done.Add(part.Shard);
    }

    private sealed class AttemptPart(int shard, UnitPart part)
    {
        public int Shard => shard;

        public UnitPart Part => part;

        public long[] Versions { get; set; } = [];
    }

    private sealed class Decided(UnitCoordinator coordinator, Shard home, Decision decision) : Effect
    {
        public override void Run()
        {
            decision.IsTelling = true;
            _ = coordinator.TellAsync(home, decision, CancellationToken.None);
        }

        public override void Fail(Refusal refusal)
        {
            // Where nobody knows whether it is in the journal, the parts have to ask the next owner.
            if (refusal.Code != RefusalCode.OutcomeUnknown)
                coordinator.Forget(decision);
        }
    }
}
