using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Bench;

/// <summary>The accounts that the benchmarks change: a document of about 200 bytes each, as a small profile has.</summary>
internal static class Accounts
{
    public const string Kind = "account";

    public const long Opening = 1_000_000;

    private static readonly Documents.Path Gold = "gold";

    public static string Id(int account) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"a{account:D7}");

    public static byte[] OpeningDelta()
    {
        var delta = new DeltaWriter();
        delta.Set(Gold, Opening);
        delta.Set("name", "Astarion the Pale");
        delta.Set("level", 12L);
        delta.Set("experience", 184_350L);
        delta.Set("class", "rogue");
        delta.Set("region", "eu-central");
        delta.Set("createdAt", new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
        delta.Set("position", Value.FromMap([new("x", 101.25), new("y", -7.5), new("z", 12.0)]));
        delta.Set("settings", Value.FromMap([new("music", true), new("volume", 0.75), new("language", "en")]));
        delta.Set("guild", "The Gilded Lantern");
        return delta.ToArray();
    }

    public static byte[] Earn(long amount)
    {
        var delta = new DeltaWriter();
        delta.Increment(Gold, amount);
        return delta.ToArray();
    }

    /// <summary>Takes gold from an account that has it.</summary>
    public static byte[] Spend(long amount)
    {
        var delta = new DeltaWriter();
        delta.Increment(Gold, -amount, min: 0);
        return delta.ToArray();
    }

    /// <summary>The keys of all accounts.</summary>
    public static EntityKey[] Keys(int count) => [.. Enumerable.Range(0, count).Select(account => new EntityKey(Kind, Id(account)))];

    /// <summary>Makes all accounts.</summary>
    public static Task CreateAsync(StateEngine engine, int count) => CreateAsync(engine, 0, count);

    /// <summary>Makes some accounts.</summary>
    public static async Task CreateAsync(StateEngine engine, int first, int count)
    {
        var opening = OpeningDelta();
        const int perUnit = 50;
        var waiting = new Queue<Task<Refusal?>>();
        for (var from = first; from < first + count; from += perUnit)
        {
            var mutations = new Mutation[Math.Min(perUnit, first + count - from)];
            for (var i = 0; i < mutations.Length; i++)
                mutations[i] = new Mutation { Key = new EntityKey(Kind, Id(from + i)), Payload = opening };
            var unit = new AwaitedUnit { Mutations = mutations, Actor = "bench" };
            engine.Submit(unit);
            waiting.Enqueue(unit.Done);
            if (waiting.Count >= 200)
                await ThrowIfRefusedAsync(waiting.Dequeue());
        }

        while (waiting.TryDequeue(out var left))
            await ThrowIfRefusedAsync(left);
    }

    /// <summary>The gold of all accounts together.</summary>
    public static async Task<long> TotalAsync(StateEngine engine, int count)
    {
        long total = 0;
        for (var from = 0; from < count; from += 1000)
        {
            var readings = Enumerable.Range(from, Math.Min(1000, count - from))
                .Select(account => new AwaitedReading { Key = new EntityKey(Kind, Id(account)) }).ToList();
            foreach (var reading in readings)
                engine.Read(reading);
            foreach (var reading in readings)
                total += Document.Decode((await reading.Done).Document!).Get(Gold).AsInt64();
        }

        return total;
    }

    /// <summary>Fails the report if gold was lost or made.</summary>
    public static async Task CheckTotalAsync(BenchReport report, StateEngine engine, int count, long earned)
    {
        var (total, expected) = (await TotalAsync(engine, count), (count * Opening) + earned);
        if (total != expected)
            report.Fail($"the accounts hold {total:N0}, and should {expected:N0}");
    }

    /// <summary>The bytes of the first account's document.</summary>
    public static async Task<int> SizeAsync(StateEngine engine)
    {
        var reading = new AwaitedReading { Key = new EntityKey(Kind, Id(0)) };
        engine.Read(reading);
        return (await reading.Done).Document!.Length;
    }

    private static async Task ThrowIfRefusedAsync(Task<Refusal?> outcome)
    {
        if (await outcome is { } refusal)
            throw new InvalidOperationException($"refused: {refusal}");
    }

    private sealed class AwaitedUnit : Unit
    {
        private readonly TaskCompletionSource<Refusal?> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Refusal?> Done => _done.Task;

        protected override void Completed(Refusal? refusal) => _done.SetResult(refusal);
    }

    private sealed class AwaitedReading : EntityReading
    {
        private readonly TaskCompletionSource<EntitySnapshot> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<EntitySnapshot> Done => _done.Task;

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            if (refusal is null)
                _done.SetResult(snapshot);
            else
                _done.SetException(new InvalidOperationException($"refused: {refusal}"));
        }
    }
}
