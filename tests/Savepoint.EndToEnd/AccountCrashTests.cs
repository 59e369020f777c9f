namespace Savepoint.EndToEnd;

/// <summary>Accounts of a server on SQLite that is killed while players use it.</summary>
public sealed class AccountCrashTests : IDisposable
{
    private readonly PlayerApi _api = new();

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task Players_who_refresh_while_the_server_is_killed_are_never_thrown_out_and_who_has_logged_out_stays_out()
    {
        await using var server = await TestServer.StartAsync(("Accounts__PasswordIterations", "10000"));
        var node = server.Process.Address;
        var tokens = new string[6];
        for (var i = 0; i < tokens.Length; i++)
            tokens[i] = (await _api.RegisterAsync(node, $"user-{i}")).ShouldBe(201).RefreshToken;
        var gone = (await _api.RegisterAsync(node, "gone")).ShouldBe(201);
        (await _api.SendAsync(HttpMethod.Post, node, "session/logout", null, gone.AccessToken)).ShouldBe(204);

        for (var round = 0; round < 5; round++)
        {
            using var refreshed = new SemaphoreSlim(0);
            var players = Enumerable.Range(0, tokens.Length).Select(i => PlayAsync(i, refreshed)).ToArray();
            for (var i = 0; i < 100; i++)
                await refreshed.WaitAsync(TestContext.Current.CancellationToken);
            await server.Process.KillAsync();
            await Task.WhenAll(players);
            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);

            // Some have lost an answer: with the token that they have they get the one that they should have got.
            for (var i = 0; i < tokens.Length; i++)
            {
                var next = (await _api.RefreshAsync(node, tokens[i])).ShouldBe(200);
                tokens[i] = next.RefreshToken;
                (await _api.WhoAmIAsync(node, next.AccessToken)).ShouldBe(200);
            }

            (await _api.WhoAmIAsync(node, gone.AccessToken)).ShouldBe(401);
            (await _api.RefreshAsync(node, gone.RefreshToken)).ShouldBe(401);
        }

        async Task PlayAsync(int i, SemaphoreSlim refreshed)
        {
            try
            {
                while (true)
                {
                    tokens[i] = (await _api.RefreshAsync(node, tokens[i])).ShouldBe(200).RefreshToken;
                    refreshed.Release();
                }
            }
            catch (HttpRequestException)
            {
                // The server is gone.
            }
            catch (IOException)
            {
                // Likewise, in the middle of an answer.
            }
        }
    }

    [Fact]
    public async Task Registrations_that_are_sent_again_after_a_kill_make_one_account_each()
    {
        await using var server = await TestServer.StartAsync(("Accounts__PasswordIterations", "10000"));
        var node = server.Process.Address;
        var users = new Dictionary<string, string>();
        for (var round = 0; round < 3; round++)
        {
            var sent = Enumerable.Range(0, 40).Select(i => $"user-{round}-{i}").ToArray();
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var answers = sent.Select(name => TryAsync(name, first)).ToArray();
            await first.Task;
            await server.Process.KillAsync();
            foreach (var (name, userId) in await Task.WhenAll(answers))
            {
                if (userId is not null)
                    users[name] = userId;
            }

            await server.Process.StartAgainAsync(TestContext.Current.CancellationToken);
            foreach (var name in sent)
            {
                var userId = (await _api.RegisterAsync(node, name, key: name)).ShouldBe(201).UserId;
                users.GetValueOrDefault(name, userId).ShouldBe(userId);
                (await _api.LogInAsync(node, name)).ShouldBe(200).UserId.ShouldBe(userId);
            }
        }

        async Task<(string Name, string? UserId)> TryAsync(string name, TaskCompletionSource first)
        {
            try
            {
                var answer = await _api.RegisterAsync(node, name, key: name);
                first.TrySetResult();
                return (name, answer.ShouldBe(201).UserId);
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException)
            {
                return (name, null);
            }
        }
    }
}
