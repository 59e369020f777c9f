using Savepoint.Client;
using Savepoint.Engine;
using Savepoint.Engine.Watching;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A hero as a player sees it: versions only grow, and each is what was committed.</summary>
internal sealed class HeroWatch
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly SimulationContext _run;
    private readonly SimulatedProcess _process;
    private readonly EntityKey _key;
    private readonly WatchedProfile<Hero> _watched;
    private long _version;

    public HeroWatch(SimulationContext run, SimulatedProcess process, EntityKey key, WatchedProfile<Hero> watched)
    {
        (_run, _process, _key, _watched, _version) = (run, process, key, watched, watched.Version);
        watched.VersionChanged += OnVersion;
        watched.Closed += failure => Fail("progress", $"was closed: {failure}");
        Show();
    }

    /// <summary>Watches as long as told, then until the newest version shows.</summary>
    public async Task LastAsync(Func<bool> goesOn, TimeSpan catchUp)
    {
        while (goesOn())
            await Task.Delay(LookEvery, _process.Time);
        for (var waited = TimeSpan.Zero; _watched.Version < Committed(); waited += LookEvery)
        {
            if (waited > catchUp)
            {
                Fail("progress", $"shows version {_watched.Version}; {Committed()} is committed");
                return;
            }

            await Task.Delay(LookEvery, _process.Time);
        }

        Show();
        if (_watched.ChecksumMismatches > 0)
            Fail("I3", "had to be mended");
    }

    private void OnVersion(long version)
    {
        if (version < _version)
            Fail("I6", $"went back from version {_version} to {version}");
        _version = version;
        Show();
    }

    // By the time that an event is raised, more may show.
    private void Show()
    {
        var (version, document) = Moment.Of(() => _watched.Version, _watched.Copy);
        _run.History.Shown(_process.Name, new EntitySnapshot { Key = _key, Version = version, Document = document.ToBytes() }, asked: 0);
    }

    private long Committed() => _run.History.Look(ledger => ledger.Find(_key)?.Version ?? 0);

    private void Fail(string invariant, string what) => _run.History.Verdict.Fail(invariant, $"what {_process.Name} watches of {_key} {what}");
}
