using Savepoint.Engine.Storage;
using Savepoint.Storage.Postgres;
using Savepoint.Testing;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>A server of its own that is killed, stopped and started again under appends: what was acknowledged is there, what was refused is not.</summary>
public sealed class ServerCrashTests
{
    private const int Rounds = 3;
    private const int AppendsPerRound = 50;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ends => [nameof(PostgresServer.KillAsync), nameof(PostgresServer.StopAtOnceAsync), nameof(PostgresServer.StopAsync)];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Every_acknowledged_append_is_there_after_the_server_ended_in_the_middle_of_appends(string end)
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Cancel);
        await server.CreateDatabaseAsync("savepoint", Cancel);
        await using var store = new PostgresStore(new PostgresStoreOptions { ConnectionString = server.ConnectionString("savepoint") }, TimeProvider.System);
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 2, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);
        var appender = new Appender(store);

        for (var round = 0; round < Rounds; round++)
        {
            var appends = appender.UntilOneFailsAsync();
            await appender.AcknowledgedAsync(AppendsPerRound);
            await EndAsync(server, end);
            (await appends).IsTransient.ShouldBeTrue();
            await server.StartAgainAsync(Cancel);
            await appender.SettleAsync();
        }

        List<Guid> read = [];
        await foreach (var segment in store.ReadAsync(0, 0, Cancel))
            read.Add(segment.CommitId);
        read.ShouldBe(appender.Expected);
    }

    [Fact]
    public async Task Reads_fail_at_once_after_a_few_failures_while_the_server_is_away_and_work_again_when_it_is_back()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Cancel);
        await server.CreateDatabaseAsync("savepoint", Cancel);
        await using var store = new PostgresStore(new PostgresStoreOptions { ConnectionString = server.ConnectionString("savepoint") }, TimeProvider.System);
        await store.OpenAsync(new StoreOpenOptions(ShardCount: 2, Guid.AllBitsSet, DateTimeOffset.UnixEpoch), Cancel);
        await server.StopAsync();

        StoreException failure;
        do
        {
            failure = await Should.ThrowAsync<StoreException>(async () => await store.ReadTailAsync(0, Cancel));
            (failure.Outcome, failure.IsTransient).ShouldBe((WriteOutcome.NotApplied, true));
        }
        while (!failure.Message.Contains("left alone for a moment", StringComparison.Ordinal));
        var write = await Should.ThrowAsync<StoreException>(async () => await store.AppendAsync([new JournalSegment(0, 1, 1, 1, Guid.AllBitsSet, DateTimeOffset.UnixEpoch, default)], Cancel));
        (write.Outcome, write.IsTransient).ShouldBe((WriteOutcome.NotApplied, true), "no connection, so nothing was sent");

        await server.StartAgainAsync(Cancel);
        while (true)
        {
            try
            {
                (await store.ReadTailAsync(0, Cancel)).ShouldBeNull();
                return;
            }
            catch (StoreException pause) when (pause.IsTransient)
            {
                // Until the moment is over.
            }
        }
    }

    private static Task EndAsync(PostgresServer server, string how) => how switch
    {
        nameof(PostgresServer.KillAsync) => server.KillAsync(),
        nameof(PostgresServer.StopAtOnceAsync) => server.StopAtOnceAsync(),
        _ => server.StopAsync(),
    };

    /// <summary>Appends one segment after the other, and settles a lost answer as the engine does.</summary>
    private sealed class Appender(PostgresStore store)
    {
        private readonly SemaphoreSlim _acknowledged = new(0);
        private Guid _unknown;

        /// <summary>The commits that have to be in the journal.</summary>
        public List<Guid> Expected { get; } = [];

        public Task AcknowledgedAsync(int count) => Task.Run(
            async () =>
            {
                for (; count > 0; count--)
                    (await _acknowledged.WaitAsync(TimeSpan.FromSeconds(60), Cancel)).ShouldBeTrue("an acknowledgement in time");
            },
            Cancel);

        public async Task<StoreException> UntilOneFailsAsync()
        {
            while (true)
            {
                var segment = Next();
                try
                {
                    await store.AppendAsync([segment], Cancel);
                    Expected.Add(segment.CommitId);
                    _acknowledged.Release();
                }
                catch (StoreException failure)
                {
                    _unknown = failure.Outcome == WriteOutcome.Unknown ? segment.CommitId : default;
                    return failure;
                }
            }
        }

        public async Task SettleAsync()
        {
            var barrier = Next() with { Payload = default };
            while (true)
            {
                try
                {
                    await store.AppendAsync([barrier], Cancel);
                    Expected.Add(barrier.CommitId);
                    return;
                }
                catch (JournalConflictException)
                {
                    var found = (await store.ReadContainingAsync(0, barrier.FirstSequence, Cancel))!.Value.CommitId;
                    found.ShouldBeOneOf(_unknown, barrier.CommitId);
                    found.ShouldNotBe(Guid.Empty, "an append that was not applied is not there");
                    Expected.Add(found);
                    return;
                }
                catch (StoreException failure) when (failure.IsTransient)
                {
                    // The first use of a connection that died with the server.
                }
            }
        }

        private JournalSegment Next()
        {
            var sequence = Expected.Count + 1;
            return new JournalSegment(Shard: 0, sequence, sequence, Epoch: 1, NewId(), DateTimeOffset.UnixEpoch, new byte[3_000]);
        }

        private static Guid NewId() => Guid.NewGuid();
    }
}
