using System.Runtime.CompilerServices;
using Savepoint.Client;
using Savepoint.Engine.Kinds;
using Savepoint.Storage.Memory;

namespace Savepoint.Testing;

/// <summary>
/// A Savepoint server, game servers and players within one test: the production engine and SDK over a database in memory, on one thread and a clock that
/// moves when nothing else is left to do. Five minutes pass in no time, servers crash when told to, and each run is as the one before.
/// </summary>
/// <remarks>
/// What is tested takes the clock from <see cref="Time"/> or <see cref="Delay"/>, and stays off the thread pool: no <c>Task.Run</c>, no
/// <c>ConfigureAwait(false)</c>. What leaves the simulation's thread fails the test.
/// </remarks>
public sealed class GameSimulation : IDisposable
{
    private static readonly TimeSpan MostTime = TimeSpan.FromDays(1);

    private readonly GameSimulationOptions _options;
    private readonly SimulatedWorld _world;
    private readonly MemoryDatabase _database = new();
    private readonly KindRegistry _kinds;
    private readonly Dictionary<SavepointClient, SimulatedProcess> _clients = [];
    private readonly List<Exception> _handlerFailures = [];
    private SimulatedProcess? _process;
    private SimulatedServer? _server;
    private bool _isOver;

    /// <summary>Makes a simulation, whose server starts when the first client connects.</summary>
    /// <param name="options">What it consists of; null for the defaults.</param>
    public GameSimulation(GameSimulationOptions? options = null)
    {
        _options = options ?? GameSimulationOptions.Default;
        _world = SimulatedWorld.Create(_options.Seed);
        _kinds = new KindRegistry(_options.Kinds);
        Network = new SimulatedNetwork(_world) { Weather = _options.Weather };
    }

    /// <summary>The clock: pass it to whatever takes a <see cref="TimeProvider"/>.</summary>
    public TimeProvider Time => _world.Time;

    /// <summary>The network: break, cut or silence connections here.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>Whether a server runs.</summary>
    public bool IsServerRunning => _process is { IsAlive: true };

    /// <summary>What event handlers of the game have thrown, which the SDK survives and a test mostly should not.</summary>
    public IReadOnlyList<Exception> HandlerFailures => _handlerFailures;

    /// <summary>Runs a test in a simulation of its own.</summary>
    /// <param name="test">The test.</param>
    /// <param name="options">What the simulation consists of; null for the defaults.</param>
    /// <inheritdoc cref="Run(Func{Task}, TimeSpan?)" path="/exception"/>
    public static void Run(Func<GameSimulation, Task> test, GameSimulationOptions? options = null)
    {
        using var simulation = new GameSimulation(options);
        simulation.Run(() => test(simulation));
    }

    /// <summary>Runs a test, or a part of one, to its end; what it throws is thrown.</summary>
    /// <param name="test">The test.</param>
    /// <param name="limit">The most virtual time that it may take. The default value is 1 day.</param>
    /// <exception cref="TimeoutException">It has not ended by then.</exception>
    /// <exception cref="InvalidOperationException">It waits for what will never happen, or it left the simulation's thread.</exception>
    public void Run(Func<Task> test, TimeSpan? limit = null) => _world.Scheduler!.Run(test, limit);

    /// <summary>
    /// Enters a simulation of its own: <c>using var sim = await GameSimulation.EnterAsync();</c> at the beginning of an asynchronous test, the rest of which
    /// then runs in the simulation, until this is disposed of.
    /// </summary>
    /// <param name="options">What the simulation consists of; null for the defaults.</param>
    /// <param name="test">The name of the test; the compiler gives it.</param>
    /// <returns>The simulation, once it is awaited.</returns>
    /// <remarks>
    /// A test that waits for what will never happen, or for more than a day of virtual time, can't be failed from outside: an unhandled exception names the
    /// test, and the test goes on waiting. <see cref="Run(Func{GameSimulation, Task}, GameSimulationOptions?)"/> fails it.
    /// </remarks>
    public static GameSimulationEntry EnterAsync(GameSimulationOptions? options = null, [CallerMemberName] string test = "") =>
        new(new GameSimulation(options), test);

    /// <summary>Lets time pass, which takes none.</summary>
    public Task Delay(TimeSpan time) => Task.Delay(time, Time);

    /// <summary>Connects a game server.</summary>
    /// <param name="name">Its name: others see it as the holder of its sessions.</param>
    public Task<SavepointClient> ConnectAsync(string name) => ConnectAsync(name, SimulatedClient.GameServer(name));

    /// <summary>Connects a player, who may watch and read what is its own.</summary>
    public Task<SavepointClient> ConnectPlayerAsync(string userId) => ConnectAsync(userId, SimulatedClient.Player(userId));

    /// <summary>Ends a client's process without a word, as a crash of its game server does: unsaved changes are lost, sessions end when their lease does.</summary>
    public void Crash(SavepointClient client) => _clients[client].Crash();

    /// <summary>Lets a client's process stand still, as a suspended machine does; it keeps its connection.</summary>
    public void Pause(SavepointClient client) => _clients[client].Pause();

    /// <summary>Lets a paused client go on.</summary>
    public void Resume(SavepointClient client) => _clients[client].Resume();

    /// <summary>Breaks all connections, once; clients connect again.</summary>
    public void BreakConnections() => Network.BreakSome(1);

    /// <summary>Kills the server, as a power cut does: what it had not acknowledged may be lost, and nothing else.</summary>
    public void CrashServer() => _process?.Crash();

    /// <summary>Stops the server in good order: clients save first.</summary>
    public async Task StopServerAsync()
    {
        if (!IsServerRunning)
            return;
        await InAsync(_process!, () => _server!.StopAsync());
        _process!.Crash();
    }

    /// <summary>Starts the server again on the same database, after a crash, a stop, or, if it still runs, after stopping it in good order.</summary>
    public async Task RestartServerAsync()
    {
        await StopServerAsync();
        await StartServerAsync();
    }

    /// <summary>Ends all processes.</summary>
    public void Dispose()
    {
        _isOver = true;
        CrashServer();
        foreach (var process in _clients.Values)
            process.Crash();
    }

    /// <summary>Runs the rest of a test, until it disposes of the simulation.</summary>
    internal void RunRest(Action rest) => _world.Scheduler!.RunWhile(rest, () => !_isOver, MostTime);

    private async Task<SavepointClient> ConnectAsync(string name, Credentials credentials)
    {
        if (_server is null)
            await StartServerAsync();
        // As on a game's main thread, what comes first is done first.
        var process = _world.NewProcess(name, isOrdered: true);
        SavepointClient? client = null;
        await InAsync(process, async () => client = await SimulatedClient.ConnectAsync(
            process, Network, () => _server!.Listener, credentials, _world.NewRandom(), _options.Clients));
        client!.HandlerFailed += _handlerFailures.Add;
        _clients.Add(client, process);
        return client;
    }

    private async Task StartServerAsync()
    {
        _process = _world.NewProcess("savepoint");
        _server = new SimulatedServer(_process, Network, new MemoryStore(_database), _kinds, _options.Engine, _options.Streams, _world.NewRandom());
        await InAsync(_process, () => _server.StartAsync());
    }

    // The awaiter goes on where it waits, and not in the process.
    private static Task InAsync(SimulatedProcess process, Func<Task> code)
    {
        var ended = new TaskCompletionSource();
        process.Start(async () =>
        {
            try
            {
                await code();
                ended.SetResult();
            }
            catch (Exception failure) when (failure is not null)
            {
                ended.SetException(failure);
            }
        });
        return ended.Task;
    }
}
