using System.Diagnostics;
using Savepoint.Simulation;

namespace Savepoint.Bench;

/// <summary>Runs seeds of the simulator on all cores, in the order of their numbers.</summary>
/// <param name="first">The first seed.</param>
/// <param name="count">How many.</param>
/// <param name="stopsAtFirst">Whether no more are begun once one has failed.</param>
/// <param name="limit">
/// How long one may take. Code that loops without ever coming back to the scheduler can't be stopped, only left behind: the run is over then.
/// </param>
internal sealed class SeedRuns(int first, int count, bool stopsAtFirst, TimeSpan limit)
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _changed = new(false);
    private readonly Dictionary<int, long> _underWay = [];
    private readonly List<SimulationResult> _results = [];
    private int _next = first;
    private int _left = count;
    private int _working;
    private bool _isOver;

    /// <summary>Runs them.</summary>
    /// <param name="failed">Told of each that fails, as soon as it has.</param>
    /// <returns>The results of those that were run, in any order.</returns>
    public IReadOnlyList<SimulationResult> Run(Action<SimulationResult> failed)
    {
        _working = Environment.ProcessorCount;
        for (var i = _working; i > 0; i--)
            new Thread(() => Work(failed)) { IsBackground = true }.Start();
        while (true)
        {
            _changed.WaitOne(TimeSpan.FromSeconds(1));
            lock (_gate)
            {
                LeaveBehind(failed);
                if (_working == 0)
                    return _results;
            }
        }
    }

    private void Work(Action<SimulationResult> failed)
    {
        while (TryBegin(out var seed))
        {
            if (!TryEnd(SimulationRun.Run(seed), failed))
                return;
        }

        lock (_gate)
            _working--;
        _changed.Set();
    }

    private bool TryBegin(out int seed)
    {
        lock (_gate)
        {
            seed = _next;
            if (_isOver || _left == 0)
                return false;
            _next++;
            _left--;
            _underWay.Add(seed, Stopwatch.GetTimestamp());
            return true;
        }
    }

    /// <returns>False when it was left behind, and who ran it counts as working no more.</returns>
    private bool TryEnd(SimulationResult result, Action<SimulationResult> failed)
    {
        lock (_gate)
        {
            if (!_underWay.Remove(result.Seed))
                return false;
            _results.Add(result);
            if (!result.IsGood)
            {
                failed(result);
                _isOver |= stopsAtFirst;
            }

            return true;
        }
    }

    private void LeaveBehind(Action<SimulationResult> failed)
    {
        foreach (var (seed, began) in _underWay)
        {
            if (Stopwatch.GetElapsedTime(began) < limit)
                continue;
            var result = new SimulationResult(seed, "progress", $"it does not end: it was left behind after {limit.TotalSeconds:0} s of real time")
            {
                Faults = new Dictionary<string, int>(),
            };
            _underWay.Remove(seed);
            _results.Add(result);
            failed(result);
            _isOver = true;
            _working--;
        }
    }
}
