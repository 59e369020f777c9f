namespace Savepoint.Documents.Tests;

/// <summary>
/// Keys are shared by all documents and threads of a process. Found by the simulator, running two seeds at once (2500 and 3008): a place that another thread
/// gave to other keys between the look at it and its use put values under the keys of another map.
/// </summary>
public sealed class SharedKeyTests
{
    private const int Rounds = 1_000_000;
    private const int Rivals = 12;

    [Fact]
    public void Threads_that_fight_over_a_place_get_the_key_that_they_asked_for()
    {
        // More keys than one set of the table has room for, found by the hash that it uses.
        var keys = Enumerable.Range(0, int.MaxValue).Select(i => $"key{i}").Where(key => Place(StableHash.Of(key)) == 0).Take(Rivals).ToArray();
        WrongAnswers(i => string.Equals(KeyTable.Share(keys[i].AsSpan()), keys[i], StringComparison.Ordinal)).ShouldBe(0);
    }

    [Fact]
    public void Threads_that_fight_over_a_place_get_the_keys_that_they_asked_for()
    {
        var sets = Enumerable.Range(0, Rivals).Select(i => new[] { $"key{i}" }).ToArray();
        WrongAnswers(i => ReferenceEquals(KeySetTable.Share(sets[i], hash: 0)[0], sets[i][0])).ShouldBe(0);
    }

    private static uint Place(uint hash) => (hash ^ (hash >> 15)) % 4096;

    private static int WrongAnswers(Func<int, bool> isRight)
    {
        var wrong = 0;
        var threads = Enumerable.Range(1, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < Rounds; i++)
            {
                if (!isRight(random.Next(Rivals)))
                    Interlocked.Increment(ref wrong);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return wrong;
    }
}
