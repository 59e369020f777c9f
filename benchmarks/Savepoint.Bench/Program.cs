using System.CommandLine;
using Savepoint.Bench;
using Savepoint.Bench.Push;
using Savepoint.Bench.Rest;

var store = new Option<string>("--store") { DefaultValueFactory = _ => "sqlite", Description = "memory, sqlite or postgres" };
var accounts = new Option<int>("--accounts") { DefaultValueFactory = _ => 100_000 };
var hotAccounts = new Option<int>("--accounts") { DefaultValueFactory = _ => 10_000 };
var producers = new Option<int>("--producers") { DefaultValueFactory = _ => 1, Description = "threads that submit" };
var engineProducers = new Option<int>("--producers") { DefaultValueFactory = _ => 2, Description = "threads that submit" };
var window = new Option<int>("--window") { DefaultValueFactory = _ => 8_192, Description = "requests in flight per producer" };
var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 10 };

var engine = new Command("engine", "mutations in this process, store in memory") { hotAccounts, engineProducers, window, seconds };
engine.SetAction(parsed => MutationBench.RunAsync(new("engine", "memory", parsed.GetValue(hotAccounts), parsed.GetValue(engineProducers), parsed.GetValue(window), parsed.GetValue(seconds))));

var journal = new Command("journal", "mutations in this process, durable") { store, hotAccounts, producers, window, seconds };
journal.SetAction(parsed => MutationBench.RunAsync(new("journal", parsed.GetValue(store)!, parsed.GetValue(hotAccounts), parsed.GetValue(producers), parsed.GetValue(window), parsed.GetValue(seconds))));

var entities = new Option<int>("--entities") { DefaultValueFactory = _ => 200_000 };
var memory = new Command("memory", "bytes per entity in memory") { entities };
memory.SetAction(parsed => MemoryBench.RunAsync(parsed.GetValue(entities)));

var mutations = new Option<int>("--mutations") { DefaultValueFactory = _ => 1_000_000 };
var recovery = new Command("recovery", "replay after a kill") { mutations, accounts };
recovery.SetAction(parsed => RecoveryBench.RunAsync(parsed.GetValue(mutations), parsed.GetValue(accounts)));

var folder = new Option<string>("--folder") { Required = true };
var fill = new Command("recovery-fill", "the other process of recovery") { folder, mutations, accounts };
fill.Hidden = true;
fill.SetAction(parsed => RecoveryBench.FillAsync(parsed.GetValue(folder)!, parsed.GetValue(mutations), parsed.GetValue(accounts)));

var profiles = new Option<int>("--profiles") { DefaultValueFactory = _ => 10, Description = "profiles that hop at the same time" };
var hops = new Option<int>("--hops") { DefaultValueFactory = _ => 200, Description = "hand-overs per profile" };
var handOver = new Command("handover", "sessions that go from one game server to another") { store, profiles, hops };
handOver.SetAction(parsed => HandOverBench.RunAsync(parsed.GetValue(store)!, parsed.GetValue(profiles), parsed.GetValue(hops)));

var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 64, Description = "connections" };
var pipeline = new Option<int>("--pipeline") { DefaultValueFactory = _ => 40, Description = "transfers in flight per connection" };
var alpha = new Option<double>("--alpha") { Description = "skew of the accounts: 0 is uniform, 1.5 is Zipf with that exponent" };
var transferSeconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 20 };
var endpoints = new Option<string[]>("--endpoint") { Required = true };
var withinShards = new Option<bool>("--within-shards") { Description = "both accounts of a transfer are of one shard" };
TransferSettings Transfer(ParseResult parsed) => new(
    parsed.GetValue(clients), parsed.GetValue(pipeline), parsed.GetValue(accounts), parsed.GetValue(alpha), parsed.GetValue(transferSeconds))
{
    WithinShards = parsed.GetValue(withinShards),
};

var inProcess = new Option<bool>("--in-process") { Description = "given to the engine directly, without connections" };
var transfer = new Command("transfer", "two-account transfers through the SDK") { store, clients, pipeline, accounts, alpha, transferSeconds, inProcess };
transfer.SetAction(parsed => parsed.GetValue(inProcess)
    ? InProcessTransferBench.RunAsync(parsed.GetValue(store)!, Transfer(parsed))
    : TransferBench.RunAsync(parsed.GetValue(store)!, Transfer(parsed)));
var transferClients = new Command("transfer-clients", "the other process of transfer") { endpoints, clients, pipeline, accounts, alpha, transferSeconds, withinShards };
transferClients.Hidden = true;
transferClients.SetAction(parsed => TransferClients.RunAsync([.. parsed.GetValue(endpoints)!.Select(endpoint => new Uri(endpoint))], Transfer(parsed)));

var nodes = new Option<int>("--nodes") { DefaultValueFactory = _ => 3, Description = "the most nodes" };
var scaleSeconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 8, Description = "how long each load is measured" };
var scale = new Command("scale", "what more nodes cost and gain on this machine, and what a hop between them takes") { nodes, clients, pipeline, accounts, scaleSeconds };
scale.SetAction(parsed => ScaleBench.RunAsync(
    parsed.GetValue(nodes),
    new TransferSettings(parsed.GetValue(clients), parsed.GetValue(pipeline), parsed.GetValue(accounts), Alpha: 0, parsed.GetValue(scaleSeconds))));

var connections = new Option<int>("--connections") { DefaultValueFactory = _ => 10_000, Description = "players, each on a connection that watches its profile" };
var rate = new Option<int>("--rate") { DefaultValueFactory = _ => 10_000, Description = "changes a second, over all profiles" };
var gameServers = new Option<int>("--game-servers") { DefaultValueFactory = _ => 10, Description = "connections that make the changes" };
var pushSeconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 20 };
var withoutBaseline = new Option<bool>("--no-baseline") { Description = "without the bare WebSocket server for comparison" };
var push = new Command("push", "changes that reach players' connections: latency, bytes and memory") { store, connections, rate, gameServers, pushSeconds, withoutBaseline };
push.SetAction(parsed => PushBench.RunAsync(
    new PushSettings(parsed.GetValue(store)!, parsed.GetValue(connections), parsed.GetValue(rate), parsed.GetValue(gameServers), parsed.GetValue(pushSeconds))
    {
        WithoutBaseline = parsed.GetValue(withoutBaseline),
    }));

var endpoint = new Option<string>("--endpoint") { Required = true };
var tokens = new Option<string?>("--tokens");
var pushClients = new Command("push-clients", "the players of push") { endpoint, connections, tokens };
pushClients.Hidden = true;
pushClients.SetAction(parsed => PushedClients.RunAsync(new Uri(parsed.GetValue(endpoint)!), parsed.GetValue(connections), parsed.GetValue(tokens)));

var messageBytes = new Option<int>("--bytes") { Required = true };
var pushBaseline = new Command("push-baseline", "the bare server of push") { connections, rate, pushSeconds, messageBytes };
pushBaseline.Hidden = true;
pushBaseline.SetAction(parsed => BareServer.RunAsync(
    parsed.GetValue(connections), parsed.GetValue(rate), parsed.GetValue(pushSeconds), parsed.GetValue(messageBytes)));

var restStore = new Option<string>("--store") { DefaultValueFactory = _ => "postgres", Description = "memory, sqlite or postgres" };
var players = new Option<int>("--players") { DefaultValueFactory = _ => 64, Description = "players, each with a character" };
var restConnections = new Option<int>("--connections") { DefaultValueFactory = _ => 64 };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3, Description = "how often each load is run, in turns with the baseline; medians are told" };
var rest = new Command("rest", "characters changed and read over HTTP, beside a bare Kestrel endpoint") { restStore, players, restConnections, rounds, seconds };
rest.SetAction(parsed => RestBench.RunAsync(new RestSettings(
    parsed.GetValue(restStore)!, parsed.GetValue(players), parsed.GetValue(restConnections), parsed.GetValue(rounds), parsed.GetValue(seconds))));
var answer = new Option<string>("--answer") { Required = true };
var restBaseline = new Command("rest-baseline", "the bare endpoint of rest") { answer };
restBaseline.Hidden = true;
restBaseline.SetAction(parsed => BareEndpoint.RunAsync(parsed.GetValue(answer)!));

var seeds = new Option<int>("--seeds") { DefaultValueFactory = _ => 1_000, Description = "how many seeds" };
var firstSeed = new Option<int>("--first") { DefaultValueFactory = _ => 1, Description = "the first of them" };
var oneSeed = new Option<int?>("--seed") { Description = "one seed only" };
var traceFile = new Option<string?>("--trace") { Description = "a file for the trace of the one seed" };
var stops = new Option<bool>("--stop") { Description = "stop at the first seed that fails" };
var limit = new Option<int>("--limit") { DefaultValueFactory = _ => 120, Description = "the most seconds that a seed may take" };
var threads = new Option<bool>("--threads") { Description = "the same on real threads, for data races: one run" };
var threadSeconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 60, Description = "how long, with --threads" };
var simulate = new Command("simulate", "the simulator: production code through crashes and faults on virtual time")
{
    seeds, firstSeed, oneSeed, traceFile, stops, limit, threads, threadSeconds,
};
simulate.SetAction(parsed => parsed.GetValue(threads)
    ? SimulateBench.RunOnThreadsAsync(parsed.GetValue(oneSeed) ?? parsed.GetValue(firstSeed), TimeSpan.FromSeconds(parsed.GetValue(threadSeconds)))
    : Task.FromResult(parsed.GetValue(oneSeed) is { } seed
        ? SimulateBench.RunOne(seed, parsed.GetValue(traceFile))
        : SimulateBench.RunMany(parsed.GetValue(firstSeed), parsed.GetValue(seeds), parsed.GetValue(stops), TimeSpan.FromSeconds(parsed.GetValue(limit)))));

var mutantNames = new Argument<string[]>("names") { Arity = ArgumentArity.ZeroOrMore, Description = "some of them; all when there is none" };
var mutants = new Command("mutants", "puts deliberate bugs into the engine, one at a time, and has the simulator find them") { mutantNames, seeds, limit };
mutants.SetAction(parsed => MutantsBench.Run(parsed.GetValue(mutantNames)!, parsed.GetValue(seeds), parsed.GetValue(limit)));

var tests = new Option<int>("--tests") { DefaultValueFactory = _ => 3_000, Description = "tests of each sort" };
var mock = new Command("mock", "a game's own tests on the simulation") { tests };
mock.SetAction(parsed => MockBench.Run(parsed.GetValue(tests)));

var saves = new Option<int>("--saves") { DefaultValueFactory = _ => 4_000, Description = "saves of each profile" };
var saved = new Option<int>("--profiles") { DefaultValueFactory = _ => 1, Description = "profiles that are saved at the same time" };
var embedded = new Command("embedded", "saves in the game server's own process, and over a WebSocket") { saves, saved };
embedded.SetAction(parsed => EmbeddedBench.RunAsync(parsed.GetValue(saves), parsed.GetValue(saved)));

return await new RootCommand("Savepoint's benchmarks") { mock, embedded, engine, journal, memory, recovery, fill, transfer, transferClients, scale, handOver, push, pushClients, pushBaseline, rest, restBaseline, simulate, mutants }.Parse(args).InvokeAsync();
