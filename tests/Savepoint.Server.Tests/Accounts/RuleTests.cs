using System.Text;
using Savepoint.Documents;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Secrets;
using Savepoint.Modules.Accounts;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Refreshing;
using Savepoint.Modules.Accounts.Sessions;
using Savepoint.Modules.Accounts.State;
using Savepoint.Testing;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>The rules of accounts that need no server.</summary>
public sealed class RuleTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountsOptions Options = new() { MaxFailures = 3 };

    [Fact]
    public void The_last_wrong_password_that_is_allowed_locks_and_each_lock_out_doubles_up_to_the_longest()
    {
        var (count, now) = (default(FailureCount), Now);
        int[] minutes = [15, 30, 60, 120, 240, 480, 960, 1440, 1440];
        foreach (var length in minutes)
        {
            for (var i = 1; i <= 3; i++)
            {
                count.LockedFor(now, Options).ShouldBe(TimeSpan.Zero);
                count = count.WithAttempt(now, Options);
            }

            count.LockedFor(now, Options).ShouldBe(TimeSpan.FromMinutes(length));
            now += TimeSpan.FromMinutes(length);
        }

        // A day and more without one makes the next short again.
        now += TimeSpan.FromHours(25);
        for (var i = 1; i <= 3; i++)
            count = count.WithAttempt(now, Options);
        count.LockedFor(now, Options).ShouldBe(TimeSpan.FromMinutes(15));
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(16, false)]
    [InlineData(-14, true)]
    [InlineData(-16, false)]
    public void Wrong_passwords_count_together_within_the_window_whichever_way_the_clock_goes(int minutes, bool locks)
    {
        var count = default(FailureCount).WithAttempt(Now, Options).WithAttempt(Now, Options);
        var then = Now + TimeSpan.FromMinutes(minutes);
        (count.WithAttempt(then, Options).LockedFor(then, Options) > TimeSpan.Zero).ShouldBe(locks);
    }

    [Fact]
    public void A_name_is_folded_by_ascii_letters_and_nothing_else()
    {
        IdentityKeys.TryName("Alice_1-2.X", out var key).ShouldBeTrue();
        key.ToString().ShouldBe("sp-identity/name:alice_1-2.x");
        foreach (var wrong in new[] { null, "", "ab", new string('a', 33), "a b", "ali\u0130e", "\u212Belvin", "al/ice", "al:ice", "ａｌｉｃｅ" })
            IdentityKeys.TryName(wrong, out _).ShouldBeFalse(wrong);
    }

    [Fact]
    public void A_device_is_known_by_a_hash_and_identities_of_studios_can_not_be_mixed_up()
    {
        IdentityKeys.TryDevice("a-device-of-alice", out var key).ShouldBeTrue();
        key.Id.ShouldNotContain("alice");
        foreach (var wrong in new[] { null, "short", new string('x', 129), "with a blank inside", "with-a-control\u0007-character" })
            IdentityKeys.TryDevice(wrong, out _).ShouldBeFalse(wrong);
        IdentityKeys.OfStudio("https://id.example", "a:b").ShouldNotBe(IdentityKeys.OfStudio("https://id.example:a", "b"));
        IdentityKeys.OfStudio("https://id.example", new string('x', 256)).Id.Length.ShouldBeLessThanOrEqualTo(256);
        IdentityKeys.TypeOf(IdentityKeys.OfStudio("https://id.example", "b")).ShouldBe("studio");
    }

    [Fact]
    public void A_refresh_token_is_read_by_who_has_issued_it_and_by_nobody_else()
    {
        var (ours, theirs) = (new RefreshTokens(new FixedSecrets("a")), new RefreshTokens(new FixedSecrets("b")));
        var first = ours.First(Guid.CreateVersion7(), Guid.NewGuid());
        var text = ours.ToText(first);
        ours.TryRead(text, out var read).ShouldBeTrue();
        (read.UserId, read.SessionId, Convert.ToHexString(read.Secret)).ShouldBe((first.UserId, first.SessionId, Convert.ToHexString(first.Secret)));
        theirs.TryRead(text, out _).ShouldBeFalse();
        for (var i = 0; i < text.Length; i++)
        {
            // Each character counts, and there is one spelling only.
            foreach (var other in "AQgw=")
            {
                if (other != text[i])
                    ours.TryRead(text[..i] + other + text[(i + 1)..], out _).ShouldBeFalse($"{i} {other}");
            }
        }
    }

    [Fact]
    public void What_follows_on_a_refresh_token_is_always_the_same_and_takes_the_servers_secret()
    {
        var (ours, again, theirs) = (new RefreshTokens(new FixedSecrets("a")), new RefreshTokens(new FixedSecrets("a")), new RefreshTokens(new FixedSecrets("b")));
        var first = ours.First(Guid.CreateVersion7(), Guid.NewGuid());
        ours.Next(first).Secret.ShouldBe(again.Next(first).Secret);
        ours.Next(first).Secret.ShouldNotBe(theirs.Next(first).Secret);
        ours.Next(first).Secret.ShouldNotBe(ours.Next(first with { Session = Guid.NewGuid() }).Secret);
        ours.Next(ours.Next(first)).Secret.ShouldNotBe(ours.Next(first).Secret);
    }

    [Fact]
    public void A_server_that_does_not_know_its_secret_yet_is_not_ready_and_soon_will_be()
    {
        var secrets = new UnknownSecrets();
        var tokens = new RefreshTokens(secrets);
        Should.Throw<ProblemException>(() => tokens.TryRead("spr_", out _)).ShouldSatisfyAllConditions(
            problem => problem.Status.ShouldBe(503), problem => problem.Error.Code.ShouldBe("server.unavailable"), problem => problem.Error.Transient.ShouldBeTrue());
        secrets.AreKnown = true;
        tokens.TryRead("spr_", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task What_is_checked_of_nobody_is_as_much_work_as_of_anybody()
    {
        using var metrics = new AccountMetrics();
        var options = new AccountsOptions { PasswordIterations = 12_345 };
        using var threads = new PasswordThreads(options, metrics);
        var hashes = new PasswordHashes(options, threads);
        var (nobody, somebody) = (Convert.FromBase64String(hashes.Nobody), Convert.FromBase64String(await hashes.HashAsync("correct horse 7", TestContext.Current.CancellationToken)));
        nobody.Length.ShouldBe(somebody.Length);
        nobody[..13].ShouldBe(somebody[..13]);
        (await hashes.CheckAsync(null, "correct horse 7", onTurn: null, TestContext.Current.CancellationToken)).IsRight.ShouldBeFalse();
        (await hashes.CheckAsync(Convert.ToBase64String(somebody), "correct horse 7", onTurn: null, TestContext.Current.CancellationToken)).ShouldBe(new PasswordCheck(true, null));
        (await hashes.CheckAsync(Convert.ToBase64String(somebody), "correct horse 8", onTurn: null, TestContext.Current.CancellationToken)).IsRight.ShouldBeFalse();
    }

    [Fact]
    public async Task The_password_of_who_has_gone_is_not_looked_at()
    {
        using var metrics = new AccountMetrics();
        using var threads = new PasswordThreads(new AccountsOptions { PasswordThreads = 1 }, metrics);
        using var gone = new CancellationTokenSource();
        using var free = new ManualResetEventSlim();
        var first = threads.RunAsync(() => free.Wait(TimeSpan.FromSeconds(20)), CancellationToken.None);
        var hasRun = false;
        var second = threads.RunAsync(() => hasRun = true, gone.Token);
        await gone.CancelAsync();
        free.Set();
        (await first).ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        hasRun.ShouldBeFalse();
    }

    [Fact]
    public async Task Passwords_of_one_name_take_turns_and_a_limited_number_of_them_waits()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var hall = new WaitingHall(new AccountsOptions { PasswordQueue = 4, PasswordThreads = 1 }, TimeProvider.System);
        var turns = hall.Turns;
        var first = await turns.TakeAsync("alice", cancelled);
        (await turns.TakeAsync("bob", cancelled)).Dispose();
        using var gone = new CancellationTokenSource();
        var (second, third) = (turns.TakeAsync("alice", gone.Token), turns.TakeAsync("alice", cancelled));
        (await Should.ThrowAsync<ProblemException>(() => turns.TakeAsync("alice", cancelled).WaitAsync(TimeSpan.FromSeconds(20), cancelled))).Error.Code.ShouldBe(AccountCodes.Busy);
        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        (turns.Waiting, third.IsCompleted).ShouldBe((1, false));
        first.Dispose();
        (await third).Dispose();
        turns.Waiting.ShouldBe(0);
        (await turns.TakeAsync("alice", cancelled)).Dispose();
    }

    [Fact]
    public async Task Those_who_wait_for_one_name_leave_places_to_others()
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var hall = new WaitingHall(new AccountsOptions { PasswordQueue = 4, PasswordThreads = 1 }, TimeProvider.System);
        var turns = hall.Turns;
        string[] names = ["alice", "bob", "carol"];
        var present = new List<IDisposable>();
        foreach (var name in names)
            present.Add(await turns.TakeAsync(name, cancelled));
        List<Task<IDisposable>> waiting = [turns.TakeAsync("alice", cancelled), turns.TakeAsync("alice", cancelled)];
        await IsBusyAsync("alice");
        waiting.AddRange([turns.TakeAsync("bob", cancelled), turns.TakeAsync("bob", cancelled)]);
        await IsBusyAsync("carol");
        present.ForEach(turn => turn.Dispose());
        foreach (var turn in waiting)
            (await turn).Dispose();
        turns.Waiting.ShouldBe(0);

        async Task IsBusyAsync(string name) =>
            (await Should.ThrowAsync<ProblemException>(() => turns.TakeAsync(name, cancelled).WaitAsync(TimeSpan.FromSeconds(20), cancelled))).Error.Code.ShouldBe(AccountCodes.Busy);
    }

    [Fact]
    public async Task Whoever_waits_for_its_turn_for_too_long_is_told_so()
    {
        var cancelled = TestContext.Current.CancellationToken;
        var time = new VirtualTime();
        using var hall = new WaitingHall(Options, time);
        var turns = hall.Turns;
        var first = await turns.TakeAsync("alice", cancelled);
        var second = turns.TakeAsync("alice", cancelled);
        time.Advance(TimeSpan.FromSeconds(29));
        var third = turns.TakeAsync("alice", cancelled);
        second.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await Should.ThrowAsync<ProblemException>(() => second.WaitAsync(TimeSpan.FromSeconds(20), cancelled))).Error.Code.ShouldBe(AccountCodes.Busy);
        (turns.Waiting, third.IsCompleted).ShouldBe((1, false));
        first.Dispose();
        (await third).Dispose();
        (await turns.TakeAsync("alice", cancelled)).Dispose();
    }

    [Theory]
    [InlineData(15, 2, 10)]
    [InlineData(60, 2, 10)]
    [InlineData(6, 2, 4)]
    [InlineData(3, 2, 2)]
    [InlineData(15, 0, 0)]
    public void A_refresh_token_is_repeated_for_less_than_an_access_token_lives(int accessMinutes, int graceMinutes, int minutes) =>
        new AccountsOptions { AccessTokenLifetime = TimeSpan.FromMinutes(accessMinutes), RefreshGrace = TimeSpan.FromMinutes(graceMinutes) }.RepeatRefreshFor.ShouldBe(TimeSpan.FromMinutes(minutes));

    [Fact]
    public void A_session_of_before_rotations_were_kept_was_rotated_when_it_was_refreshed_last()
    {
        var session = new MapBuilder { { SessionState.Refreshed, Now } };
        SessionState.From("s", session.Build()).RotatedAt.ShouldBe(Now);
        session.Add(SessionState.Rotated, Now - TimeSpan.FromMinutes(3));
        SessionState.From("s", session.Build()).RotatedAt.ShouldBe(Now - TimeSpan.FromMinutes(3));
    }

    [Fact]
    public void Of_names_that_nobody_has_and_of_verdicts_a_limited_number_is_kept()
    {
        var clock = new MovableTime();
        var names = new UnknownNames(Options, clock);
        for (var i = 0; i < 3; i++)
            names.Attempt("nobody").ShouldBe(TimeSpan.Zero);
        for (var i = 0; i < 9_000; i++)
            names.Attempt($"name-{i}");
        names.Attempt("nobody").ShouldBeGreaterThan(TimeSpan.Zero);
        for (var i = 0; i < 30_000; i++)
            names.Attempt($"other-{i}");
        names.Attempt("nobody").ShouldBe(TimeSpan.Zero);

        var verdicts = new AccountVerdicts();
        for (var i = 0; i < 250_000; i++)
            verdicts.Keep($"user-{i}", AccountVerdict.Of(1, null));
        verdicts.Find("user-0").ShouldBeNull();
        verdicts.Find("user-249999").ShouldNotBeNull();
        verdicts.Find("user-220000").ShouldNotBeNull();
    }

    private sealed class FixedSecrets(string key) : IServerSecrets
    {
        public bool TryDerive(string purpose, Span<byte> secret)
        {
            System.Security.Cryptography.HKDF.Expand(System.Security.Cryptography.HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key.PadRight(32)), secret, Encoding.UTF8.GetBytes(purpose));
            return true;
        }
    }

    private sealed class UnknownSecrets : IServerSecrets
    {
        public bool AreKnown { get; set; }

        public bool TryDerive(string purpose, Span<byte> secret) => AreKnown;
    }

    /// <summary>Turns with what they take.</summary>
    private sealed class WaitingHall : IDisposable
    {
        private readonly AccountMetrics _metrics = new();
        private readonly PasswordThreads _threads;

        public WaitingHall(AccountsOptions options, TimeProvider time)
        {
            _threads = new PasswordThreads(options, _metrics);
            Turns = new PasswordTurns(options, _threads, _metrics, time);
        }

        public PasswordTurns Turns { get; }

        public void Dispose()
        {
            _threads.Dispose();
            _metrics.Dispose();
        }
    }
}
