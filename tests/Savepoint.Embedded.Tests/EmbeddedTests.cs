using Savepoint.Client;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Storage;
using Savepoint.Storage.Memory;
using Savepoint.Testing;

namespace Savepoint.Embedded.Tests;

/// <summary>P23: the SDK with the engine in the same process.</summary>
public sealed class EmbeddedTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_saved_is_there_after_a_restart_with_its_versions()
    {
        using var folder = new DataFolder();
        await using (var savepoint = await folder.StartAsync())
        {
            var ada = await OpenAsync(await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled), "ada");
            for (var gold = 1L; gold <= 3; gold++)
            {
                ada["gold"] = gold;
                await ada.SaveAsync(Cancelled);
            }
        }

        await using var again = await folder.StartAsync();
        var store = (await again.ConnectAsync("gs-1", cancellationToken: Cancelled)).Store("profile");
        (await store.ViewAsync("ada", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(3);
        (await store.ViewAsync("ada", 2, Cancelled))!["gold"].AsInt64().ShouldBe(1);
        await store.RollBackAsync("ada", 3, cancellationToken: Cancelled);
        (await store.ViewAsync("ada", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(2);
    }

    [Fact]
    public async Task A_stop_ends_all_sessions_of_all_clients_with_their_last_save()
    {
        using var folder = new DataFolder();
        var ends = new List<Task<SessionEndReason>>();
        await using (var savepoint = await folder.StartAsync())
        {
            foreach (var name in new[] { "gs-1", "gs-2" })
            {
                var client = await savepoint.ConnectAsync(name, new SavepointClientOptions { AutosaveInterval = TimeSpan.FromMinutes(10) }, Cancelled);
                var profile = await OpenAsync(client, "of-" + name);
                var over = new TaskCompletionSource<SessionEndReason>(TaskCreationOptions.RunContinuationsAsynchronously);
                profile.SessionEnded += ended => over.SetResult(ended.Reason);
                ends.Add(over.Task);
                profile.LastSaving += reason => profile["last"] = reason.ToString();
                profile["gold"] = 7L;
            }

            await savepoint.StopAsync();
            (await Task.WhenAll(ends).WaitAsync(Cancelled)).ShouldBe([SessionEndReason.Ended, SessionEndReason.Ended]);
            await Should.ThrowAsync<ObjectDisposedException>(() => savepoint.ConnectAsync("late", cancellationToken: Cancelled));
        }

        await using var again = await folder.StartAsync();
        again.Snapshot().Sessions.ShouldBe(0);
        var store = (await again.ConnectAsync("gs-3", cancellationToken: Cancelled)).Store("profile");
        foreach (var name in new[] { "gs-1", "gs-2" })
        {
            var view = await store.ViewAsync("of-" + name, cancellationToken: Cancelled);
            (view!["gold"].AsInt64(), view["last"].AsString()).ShouldBe((7, "Shutdown"));
        }
    }

    [Fact]
    public async Task A_folder_that_is_open_already_is_refused_and_taken_once_it_is_free()
    {
        using var folder = new DataFolder();
        await using (await folder.StartAsync())
        {
            var refused = await Should.ThrowAsync<StoreException>(folder.StartAsync);
            refused.Message.ShouldContain("savepoint.db is locked by another process");
        }

        await using var free = await folder.StartAsync();
        free.Snapshot().IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task A_player_watches_its_own_profile_and_may_do_nothing_else()
    {
        using var folder = new DataFolder();
        await using var savepoint = await folder.StartAsync();
        var ada = await OpenAsync(await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled), "ada");
        var player = await savepoint.ConnectPlayerAsync("ada", cancellationToken: Cancelled);
        await using var watched = await player.Store("profile").WatchAsync("ada", TimeSpan.Zero, Cancelled);
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watched.VersionChanged += _ => seen.TrySetResult();
        ada["gold"] = 5L;
        await ada.SaveAsync(Cancelled);
        await seen.Task.WaitAsync(Cancelled);
        watched["gold"].AsInt64().ShouldBe(5);

        foreach (var forbidden in new Func<Task>[]
        {
            () => player.Store("profile").ViewAsync("bob", cancellationToken: Cancelled),
            () => player.Store("profile").OpenSessionAsync("ada", cancellationToken: Cancelled),
            () => player.TransactAsync(unit => unit.Change("profile", "ada", delta => delta.Set("gold", 1_000_000L)), cancellationToken: Cancelled),
        })
            (await Should.ThrowAsync<SavepointException>(forbidden)).Code.ShouldBe("auth.forbidden");
    }

    [Fact]
    public async Task Two_clients_of_the_process_hand_a_session_over()
    {
        using var folder = new DataFolder();
        await using var savepoint = await folder.StartAsync();
        var first = await OpenAsync(await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled), "ada");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        first.SessionEnded += _ => ended.SetResult();
        first["gold"] = 3L;
        var second = await OpenAsync(await savepoint.ConnectAsync("gs-2", cancellationToken: Cancelled), "ada");
        second["gold"].AsInt64().ShouldBe(3);
        await ended.Task.WaitAsync(Cancelled);
        first.IsActive.ShouldBeFalse();
    }

    [Fact]
    public async Task Kinds_are_the_games_own()
    {
        using var folder = new DataFolder();
        var options = folder.Options with
        {
            Kinds = [new Kind { Name = "guild", Intents = new Dictionary<string, IntentHandler>(StringComparer.Ordinal) { ["join"] = Join } }],
        };
        await using var savepoint = await EmbeddedSavepoint.StartAsync(options, Cancelled);
        var client = await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled);
        await client.IntentAsync("guild", "owls", "join", new Documents.Document(), cancellationToken: Cancelled);
        (await client.Store("guild").ViewAsync("owls", cancellationToken: Cancelled))!["members"].AsInt64().ShouldBe(1);
        (await Should.ThrowAsync<SavepointException>(() => OpenAsync(client, "ada"))).Code.ShouldBe("kind.unknown");

        static string? Join(IntentContext context)
        {
            context.Delta.Increment("members", 1L);
            return null;
        }
    }

    [Fact]
    public async Task A_disk_that_fails_is_a_critical_state_until_it_works_again_and_nothing_is_lost()
    {
        var faults = new StoreFaults();
        var options = new EmbeddedOptions { Engine = new() { CommitRetry = TimeSpan.FromMilliseconds(20) } };
        await using var savepoint = await EmbeddedSavepoint.StartAsync(options, new FaultyStore(new MemoryStore(new MemoryDatabase()), faults), Cancelled);
        var client = await savepoint.ConnectAsync("gs-1", new SavepointClientOptions { AutosaveInterval = TimeSpan.FromMilliseconds(50) }, Cancelled);
        var signals = System.Threading.Channels.Channel.CreateUnbounded<bool>();
        client.CriticalStateChanged += critical => signals.Writer.TryWrite(critical);
        var ada = await OpenAsync(client, "ada");

        faults.IsDown = true;
        ada["gold"] = 1L;
        (await signals.Reader.ReadAsync(Cancelled)).ShouldBeTrue();
        (client.IsCritical, ada.HasUnsavedChanges).ShouldBe((true, true));
        savepoint.Snapshot().StoreFailure.ShouldNotBeNull();

        faults.IsDown = false;
        (await signals.Reader.ReadAsync(Cancelled)).ShouldBeFalse();
        await ada.SaveAsync(Cancelled);
        (await client.Store("profile").ViewAsync("ada", cancellationToken: Cancelled))!["gold"].AsInt64().ShouldBe(1);
    }

    [Fact]
    public async Task Clients_that_were_shut_down_are_let_go_of()
    {
        using var folder = new DataFolder();
        await using var savepoint = await folder.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var client = await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled);
            savepoint.Clients.ShouldBe(1);
            client.IsClosing.ShouldBeFalse();
            await client.ShutdownAsync();
            client.IsClosing.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_stop_closes_the_file_though_the_games_own_code_throws()
    {
        using var folder = new DataFolder();
        var savepoint = await folder.StartAsync();
        var client = await savepoint.ConnectAsync("gs-1", cancellationToken: Cancelled);
        client.HandlerFailed += static _ => throw new InvalidOperationException("the log is full");
        var ada = await OpenAsync(client, "ada");
        ada.LastSaving += static _ => throw new InvalidOperationException("no such hero");
        (await Should.ThrowAsync<InvalidOperationException>(savepoint.StopAsync)).Message.ShouldBe("the log is full");

        await using var again = await folder.StartAsync();
        again.Snapshot().IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task A_connection_that_a_stop_overtakes_is_refused_as_one_that_comes_after_it()
    {
        using var folder = new DataFolder();
        var savepoint = await folder.StartAsync();
        using var clock = new GatedTime();
        var connecting = Task.Run(() => savepoint.ConnectAsync("late", new SavepointClientOptions { TimeProvider = clock }, Cancelled), Cancelled);
        await clock.Asked.WaitAsync(Cancelled);
        await savepoint.StopAsync();
        clock.Open();
        await Should.ThrowAsync<ObjectDisposedException>(connecting);
    }

    private static async Task<Profile<Untyped>> OpenAsync(SavepointClient client, string id) =>
        (await client.Store("profile").OpenSessionAsync(id, cancellationToken: Cancelled)).ProfileOrThrow();
}
