using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>The same on the thread pool, where what the simulator can't see may happen: data races.</summary>
public sealed class ThreadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Many_threads_may_use_one_profile_while_others_change_it_too()
    {
        await using var server = new EchoServer();
        await using var client = await SavepointClient.ConnectAsync(server.Options with { AutosaveInterval = TimeSpan.FromMilliseconds(50) }, TestContext.Current.CancellationToken);
        var profile = (await client.Store<PlayerProfile>("profile").OpenSessionAsync("ada", null, TestContext.Current.CancellationToken)).ProfileOrThrow();
        var failures = 0;
        client.HandlerFailed += _ => Interlocked.Increment(ref failures);
        var seen = 0L;
        profile.Data.GoldChanged += change => seen += change.NewValue - change.OldValue;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                profile.Data.AddGold(1);
                profile.Change(data =>
                {
                    data.Gold += 1;
                    data.Stats.Kills += 1;
                });
                if (i % 20 == 0)
                    await profile.SaveAsync();
                if (i % 50 == thread)
                    server.Break();
                server.Gift(10);
            }
        }))).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await profile.SaveAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        await profile.EndSessionAsync(TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
        server.Document.Get("gold").ShouldBe((8 * 200 * 2) + (8 * 200 * 10));
        server.Document.Get("stats.kills").ShouldBe(8 * 200);
        (failures, profile.ChecksumMismatches).ShouldBe((0, 0));
        seen.ShouldBe(profile.Data.Gold);
    }

    /// <summary>The fake server, made thread-safe by one simulation-free lock around all that it does.</summary>
    private sealed class EchoServer : IAsyncDisposable
    {
        private readonly SingleThread _thread = new();
        private readonly FakeServer _server = new(null!);

        public SavepointClientOptions Options => new()
        {
            Connect = ConnectAsync,
            Credentials = new GameServerCredentials("server-1", "secret"),
            ReconnectMinDelay = TimeSpan.FromMilliseconds(10),
        };

        public Document Document => _server.Entity("ada").Document;

        public void Break() => _thread.Post(_ => _server.Break(), null);

        public void Gift(long gold) => _thread.Post(_ => _server.Change("ada", delta => delta.Increment("gold", gold), checksum: true), null);

        public ValueTask DisposeAsync()
        {
            _thread.Dispose();
            return default;
        }

        private Task<IFrameDuplex> ConnectAsync(CancellationToken cancellationToken)
        {
            var connected = new TaskCompletionSource<IFrameDuplex>(TaskCreationOptions.RunContinuationsAsynchronously);
            _thread.Post(_ => connected.SetResult(_server.ConnectAsync(cancellationToken).Result), null);
            return connected.Task;
        }
    }

    /// <summary>Runs what is posted on one thread.</summary>
    private sealed class SingleThread : SynchronizationContext, IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<(SendOrPostCallback Run, object? State)> _work = [];

        public SingleThread() => new Thread(Run) { IsBackground = true }.Start();

        public override void Post(SendOrPostCallback d, object? state)
        {
            if (!_work.IsAddingCompleted)
                _work.Add((d, state));
        }

        public void Dispose() => _work.CompleteAdding();

        private void Run()
        {
            SetSynchronizationContext(this);
            foreach (var (run, state) in _work.GetConsumingEnumerable())
                run(state);
        }
    }
}
