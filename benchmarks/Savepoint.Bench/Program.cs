using System.CommandLine;
using Savepoint.Bench;

var store = new Option<string>("--store") { DefaultValueFactory = _ => "sqlite", Description = "memory or sqlite" };
var accounts = new Option<int>("--accounts") { DefaultValueFactory = _ => 100_000 };
var producers = new Option<int>("--producers") { DefaultValueFactory = _ => 1, Description = "threads that submit" };
var window = new Option<int>("--window") { DefaultValueFactory = _ => 8_192, Description = "requests in flight per producer" };
var seconds = new Option<int>("--seconds") { DefaultValueFactory = _ => 10 };

var engine = new Command("engine", "mutations in this process, store in memory") { accounts, producers, window, seconds };
engine.SetAction(parsed => MutationBench.RunAsync(new("engine", "memory", parsed.GetValue(accounts), parsed.GetValue(producers), parsed.GetValue(window), parsed.GetValue(seconds))));

var journal = new Command("journal", "mutations in this process, durable") { store, accounts, producers, window, seconds };
journal.SetAction(parsed => MutationBench.RunAsync(new("journal", parsed.GetValue(store)!, parsed.GetValue(accounts), parsed.GetValue(producers), parsed.GetValue(window), parsed.GetValue(seconds))));

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

return await new RootCommand("Savepoint's benchmarks") { engine, journal, memory, recovery, fill }.Parse(args).InvokeAsync();
