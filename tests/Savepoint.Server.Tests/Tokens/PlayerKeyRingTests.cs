using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Savepoint.Hosting.Secrets;
using Savepoint.Hosting.Tokens;
using Savepoint.Server.Configuration;
using Savepoint.Server.Secrets;
using Savepoint.Server.Tests.Cluster;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Tests.Tokens;

public sealed class PlayerKeyRingTests : IDisposable
{
    private static readonly TimeSpan Rotation = TimeSpan.FromDays(30), Lifetime = TimeSpan.FromMinutes(15);

    // The beginning of a span.
    private static readonly DateTimeOffset Turn = DateTimeOffset.UnixEpoch + (Rotation * 700);

    private readonly TokenMetrics _metrics = new();
    private readonly MovableTime _time = new(Turn + TimeSpan.FromDays(3));

    [Fact]
    public void A_token_says_who_it_is_for_and_when()
    {
        var node = Node("secret");
        var token = node.Issue(_time.Now, _time.Now + Lifetime);
        node.Tokens.TryVerify(token, out var found).ShouldBeTrue();
        found.ShouldBe(new PlayerToken("alice", "phone", _time.Now + Lifetime));
        var jwt = new JsonWebToken(token);
        (jwt.Issuer, jwt.Audiences.Single(), jwt.Subject, jwt.Alg, jwt.Kid, jwt.Typ).ShouldBe(("savepoint", "savepoint", "alice", "ES256", "0.700", "JWT"));
        (jwt.IssuedAt, jwt.ValidFrom, jwt.ValidTo).ShouldBe((_time.Now.UtcDateTime, _time.Now.UtcDateTime, (_time.Now + Lifetime).UtcDateTime));
        jwt.Id.Length.ShouldBe(22);
        new JsonWebToken(node.Issue(_time.Now, _time.Now + Lifetime)).Id.ShouldNotBe(jwt.Id);
    }

    [Fact]
    public void A_token_that_was_signed_right_before_the_turn_is_valid_until_it_expires()
    {
        var node = Node("secret");
        _time.Now = Turn + Rotation - TimeSpan.FromSeconds(1);
        var (token, longest) = (node.Issue(_time.Now, _time.Now + Lifetime), node.Issue(_time.Now, _time.Now + Rotation));
        _time.Now = Turn + Rotation;
        new JsonWebToken(node.Issue(_time.Now, _time.Now + Lifetime)).Kid.ShouldBe("0.701");
        var restarted = Node("secret");
        foreach (var tokens in new[] { node.Tokens, restarted.Tokens })
            tokens.TryVerify(token, out _).ShouldBeTrue();
        _time.Now = Turn + Rotation + Lifetime - TimeSpan.FromSeconds(2);
        Node("secret").Tokens.TryVerify(token, out _).ShouldBeTrue();
        _time.Now = Turn + Rotation + Lifetime - TimeSpan.FromSeconds(1);
        foreach (var tokens in new[] { node.Tokens, Node("secret").Tokens })
        {
            tokens.TryVerify(token, out _).ShouldBeFalse();
            tokens.IsExpired(token).ShouldBeTrue();
        }

        _time.Now = Turn + (Rotation * 2) - TimeSpan.FromSeconds(2);
        Node("secret").Tokens.TryVerify(longest, out _).ShouldBeTrue("a token may live as long as a key signs");
    }

    [Fact]
    public void The_next_key_is_shown_before_it_signs_and_the_previous_one_while_its_tokens_live()
    {
        var node = Node("secret");
        node.Keys.Keys!.Select(key => key.Id).ShouldBe(["0.699", "0.700", "0.701"]);
        _time.Now += Rotation;
        node.Keys.Keys!.Select(key => key.Id).ShouldBe(["0.700", "0.701", "0.702"]);
        node.Keys.Keys!.ShouldAllBe(key => !key.Verifying.HasPrivateKey && key.Signing.HasPrivateKey);
        node.Keys.Keys!.Select(key => key.Verifying.X).Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public void A_node_whose_clock_is_behind_accepts_what_one_ahead_has_signed()
    {
        var (ahead, behind) = (new MovableTime(Turn + Rotation + TimeSpan.FromSeconds(5)), new MovableTime(Turn + Rotation - TimeSpan.FromSeconds(5)));
        var token = Node("secret", time: ahead).Issue(ahead.Now, ahead.Now + Lifetime);
        Node("secret", time: behind).Tokens.TryVerify(token, out _).ShouldBeTrue();
        behind.Now -= TimeSpan.FromSeconds(60);
        Node("secret", time: behind).Tokens.TryVerify(token, out _).ShouldBeFalse("the clocks may differ by 30 seconds");
    }

    [Fact]
    public void Another_generation_refuses_all_tokens_of_the_former()
    {
        var token = Node("secret").Issue(_time.Now, _time.Now + Lifetime);
        Node("secret", generation: 1).Tokens.TryVerify(token, out _).ShouldBeFalse();
        Node("secret").Tokens.TryVerify(token, out _).ShouldBeTrue();
    }

    [Fact]
    public void Nodes_with_one_secret_agree_and_others_do_not()
    {
        var token = Node("secret").Issue(_time.Now, _time.Now + Lifetime);
        Node("secret").Tokens.TryVerify(token, out _).ShouldBeTrue();
        Node("other").Tokens.TryVerify(token, out _).ShouldBeFalse();
    }

    [Fact]
    public void Many_threads_sign_and_check_at_once_and_none_gets_anothers_outcome()
    {
        var node = Node("secret");
        Parallel.For(0, 2_000, i =>
        {
            var token = node.Issuer.Issue($"user {i}", "phone", _time.Now, _time.Now + Lifetime);
            node.Tokens.TryVerify(token[..^4] + "AAAA", out _).ShouldBeFalse();
            node.Tokens.TryVerify(token, out var found).ShouldBeTrue();
            found.UserId.ShouldBe($"user {i}");
        });
    }

    [Fact]
    public void A_key_stays_what_it_is()
    {
        // Computed apart from this code (HKDF-Expand, then FIPS 186-5, A.2.1). Another derivation would refuse all tokens at an update, and split a cluster while it is under way.
        var key = PlayerKey.Derive(new Secrets("secret"), generation: 0, number: 700)!;
        (key.Verifying.X, key.Verifying.Y).ShouldBe(("0h5AeMH93T0xU0m1ghTwxXb5KKkcXYArwd9Trb8P47U", "Z26f419aqimooEEWon8bJ_wgCzroDoozrJwMEXxYmFs"));
    }

    [Fact]
    public void What_would_outlive_its_key_or_names_nobody_is_not_signed()
    {
        var (issuer, now) = (Node("secret").Issuer, _time.Now);
        Should.Throw<ArgumentException>(() => issuer.Issue("alice", "phone", now, now + Rotation + TimeSpan.FromSeconds(1)));
        Should.Throw<ArgumentException>(() => issuer.Issue("alice", "phone", now, now));
        Should.Throw<ArgumentException>(() => issuer.Issue("", "phone", now, now + Lifetime));
        Should.Throw<ArgumentException>(() => issuer.Issue("a\0b", "phone", now, now + Lifetime));
        Should.Throw<ArgumentException>(() => issuer.Issue("alice", "", now, now + Lifetime));
    }

    [Fact]
    public void Before_the_secret_is_known_nothing_is_said_of_any_token()
    {
        var secrets = new Secrets("secret") { IsKnown = false };
        var token = Node("secret").Issue(_time.Now, _time.Now + Lifetime);
        var node = Node(secrets);
        node.Tokens.IsReady.ShouldBeFalse();
        node.Tokens.TryVerify(token, out _).ShouldBeFalse();
        secrets.IsKnown = true;
        node.Tokens.IsReady.ShouldBeTrue();
        node.Tokens.TryVerify(token, out _).ShouldBeTrue();
    }

    [Fact]
    public void A_fault_of_the_secret_is_not_told_as_a_server_that_is_not_ready()
    {
        var node = Node(new Secrets("secret") { Fault = new InvalidOperationException("A fault.") });
        Should.Throw<InvalidOperationException>(() => node.Tokens.IsReady).Message.ShouldBe("A fault.");
    }

    [Fact]
    public void Secrets_are_the_same_on_all_nodes_of_a_cluster_and_after_a_restart_and_differ_by_purpose()
    {
        var data = Directory.CreateTempSubdirectory("savepoint-test-");
        try
        {
            var options = new SavepointOptions { DataPath = data.FullName };
            var alone = Derive(ServerSecrets.From(options, node: null), "a");
            Derive(ServerSecrets.From(options, node: null), "a").ShouldBe(alone);
            Derive(ServerSecrets.From(options, node: null), "b").ShouldNotBe(alone);
            var memory = new SavepointOptions { DataPath = data.FullName, Store = StoreKind.Memory };
            Derive(ServerSecrets.From(memory, node: null), "a").ShouldNotBe(Derive(ServerSecrets.From(memory, node: null), "a"));
            var key = RandomNumberGenerator.GetBytes(32);
            var (one, other) = (new TestCredentials(Guid.NewGuid(), key), new TestCredentials(Guid.NewGuid(), key));
            Derive(ServerSecrets.From(options, one), "a").ShouldBe(Derive(ServerSecrets.From(memory, other), "a"));
            Derive(ServerSecrets.From(options, one), "a").ShouldNotBe(alone);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    public void Dispose() => _metrics.Dispose();

    private static byte[] Derive(ServerSecrets secrets, string purpose)
    {
        var secret = new byte[48];
        secrets.TryDerive(purpose, secret).ShouldBeTrue();
        return secret;
    }

    private TestNode Node(string secret, int generation = 0, TimeProvider? time = null) => Node(new Secrets(secret), generation, time);

    private TestNode Node(Secrets secrets, int generation = 0, TimeProvider? time = null)
    {
        var options = new IssuedTokenOptions { KeyRotation = Rotation, KeyGeneration = generation };
        var keys = new PlayerKeyRing(secrets, options, time ?? _time);
        return new TestNode(keys, new PlayerTokenIssuer(keys, options, _metrics), new PlayerTokens([TrustedIssuer.Ourselves(options, keys)], 100, time ?? _time, _metrics));
    }

    private sealed record TestNode(PlayerKeyRing Keys, PlayerTokenIssuer Issuer, PlayerTokens Tokens)
    {
        public string Issue(DateTimeOffset now, DateTimeOffset expires) => Issuer.Issue("alice", "phone", now, expires);
    }

    private sealed class Secrets(string secret) : IServerSecrets
    {
        public bool IsKnown { get; set; } = true;

        public Exception? Fault { get; set; }

        public bool TryDerive(string purpose, Span<byte> bytes)
        {
            if (Fault is not null)
                throw Fault;
            if (IsKnown)
                HKDF.Expand(HashAlgorithmName.SHA256, SHA256.HashData(Encoding.UTF8.GetBytes(secret)), bytes, Encoding.UTF8.GetBytes(purpose));
            return IsKnown;
        }
    }
}
