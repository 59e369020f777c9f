using System.Diagnostics;
using Savepoint.Client;

namespace Savepoint.EndToEnd.Cluster;

/// <summary>Changes one entity of each shard, one change after the other, and knows how long each took.</summary>
internal sealed class PauseMeter(SavepointClient client, string[] ids)
{
    private readonly List<(int Shard, long Begun, double Milliseconds)> _answers = [];
    private readonly List<string> _failures = [];
    private readonly SemaphoreSlim _answered = new(0);
    private volatile bool _isStopped;

    public Task RunAsync() => Task.WhenAll(ids.Select((id, shard) => RunAsync(id, shard)));

    public void Stop() => _isStopped = true;

    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_answers)
                return [.. _failures];
        }
    }

    public async Task AnsweredAsync(int count)
    {
        for (; count > 0; count--)
            (await _answered.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken)).ShouldBeTrue("an answer in time");
    }

    /// <summary>How long the requests took that were answered after a moment, for some of the shards; in order.</summary>
    public double[] Since(long moment, IReadOnlySet<int> shards)
    {
        lock (_answers)
            return [.. _answers.Where(answer => shards.Contains(answer.Shard) && answer.Begun + (answer.Milliseconds * Stopwatch.Frequency / 1000) >= moment).Select(answer => answer.Milliseconds).Order()];
    }

    /// <summary>How long after a moment the last of some shards answered again for the first time.</summary>
    public TimeSpan LastToAnswerAgain(long moment, IReadOnlySet<int> shards)
    {
        lock (_answers)
        {
            var first = shards.Select(shard => _answers.Where(answer => answer.Shard == shard && answer.Begun >= moment)
                .Select(answer => answer.Begun + (long)(answer.Milliseconds * Stopwatch.Frequency / 1000)).DefaultIfEmpty(long.MaxValue).Min());
            return Stopwatch.GetElapsedTime(moment, first.Max());
        }
    }

    /// <summary>Whether each of some shards has answered a request that began after a moment.</summary>
    public bool HaveAnsweredSince(long moment, IReadOnlySet<int> shards)
    {
        lock (_answers)
            return shards.All(shard => _answers.Any(answer => answer.Shard == shard && answer.Begun >= moment));
    }

    /// <summary>Every acknowledged change is there, once.</summary>
    public async Task CheckAsync(SavepointClient reader)
    {
        Failures.ShouldBeEmpty();
        for (var shard = 0; shard < ids.Length; shard++)
        {
            var view = (await reader.Store("profile").ViewAsync(ids[shard], cancellationToken: TestContext.Current.CancellationToken))!;
            lock (_answers)
                view["count"].AsInt64().ShouldBe(_answers.Count(answer => answer.Shard == shard), ids[shard]);
        }
    }

    private async Task RunAsync(string id, int shard)
    {
        while (!_isStopped)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await client.TransactAsync(unit => unit.Change("profile", id, delta => delta.Increment("count", 1L)));
            }
            catch (SavepointException failure)
            {
                lock (_answers)
                    _failures.Add($"{id}: {failure.Code} ({failure.Outcome}): {failure.Message}");
                return;
            }

            lock (_answers)
                _answers.Add((shard, begun, Stopwatch.GetElapsedTime(begun).TotalMilliseconds));
            _answered.Release();
        }
    }
}
