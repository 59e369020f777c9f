using System.Collections.Concurrent;
using Savepoint.Client;
using Savepoint.Documents;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Moves gold between accounts, which begin with none and may owe: whatever happens, all together have none.</summary>
/// <param name="clients">Who moves it.</param>
/// <param name="isCrossing">Whether accounts of different shards, and so of different nodes, take part; else each pair is of one shard.</param>
/// <param name="seed">Decides what is moved.</param>
internal sealed class TransferLoad(SavepointClient[] clients, bool isCrossing, int seed)
{
    private const string Kind = "profile";
    private const int Accounts = 60;
    private const int InFlight = 8;

    private readonly string[] _accounts = [.. Enumerable.Range(0, Accounts).Select(index => $"account-{index}")];
    private readonly ConcurrentDictionary<string, long> _expected = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _changes = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _failures = [];
    private volatile bool _isStopped;
    private int _acknowledged;
    private int _refused;

    public int Acknowledged => _acknowledged;

    public int Refused => _refused;

    public Task RunAsync() => Task.WhenAll(clients.SelectMany((client, index) =>
        Enumerable.Range(0, InFlight).Select(slot => RunAsync(client, new Random(seed + (index * InFlight) + slot)))));

    public void Stop() => _isStopped = true;

    public async Task CheckAsync(SavepointClient reader)
    {
        _failures.ShouldBeEmpty();
        long sum = 0;
        foreach (var account in _accounts.Where(_changes.ContainsKey))
        {
            var view = (await reader.Store(Kind).ViewAsync(account, cancellationToken: TestContext.Current.CancellationToken))!;
            view["gold"].AsInt64().ShouldBe(_expected[account], $"{account}: what was moved");
            view.Version.ShouldBe(_changes[account], $"{account}: one version per transfer");
            sum += view["gold"].AsInt64();
        }

        sum.ShouldBe(0, "no gold came or went");
    }

    private async Task RunAsync(SavepointClient client, Random random)
    {
        while (!_isStopped)
        {
            var from = _accounts[random.Next(Accounts)];
            var others = _accounts.Where(other => other != from && (isCrossing || Shard(other) == Shard(from))).ToArray();
            if (others.Length == 0)
                continue;
            var to = others[random.Next(others.Length)];
            var amount = random.Next(1, 100);
            try
            {
                await client.TransactAsync(unit => unit.Change(Kind, from, delta => delta.Increment("gold", -amount)).Change(Kind, to, delta => delta.Increment("gold", amount)));
                Count(from, -amount);
                Count(to, amount);
                Interlocked.Increment(ref _acknowledged);
            }
            catch (SavepointException failure) when (failure is { IsTransient: true, Outcome: RequestOutcome.NotApplied })
            {
                Interlocked.Increment(ref _refused);
            }
            catch (SavepointException failure)
            {
                _failures.Add($"{failure.Code} ({failure.Outcome}): {failure.Message}");
                return;
            }
        }
    }

    private void Count(string account, long amount)
    {
        _expected.AddOrUpdate(account, amount, (_, gold) => gold + amount);
        _changes.AddOrUpdate(account, 1, (_, changes) => changes + 1);
    }

    private static int Shard(string id) => ShardHash.ShardOf(id, TestCluster.Shards);
}
