using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Tests.Cluster;

public sealed class NodeAuthenticatorTests
{
    private const string Path = "/stream?route=alice";

    private static readonly Guid First = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Second = Guid.Parse("22222222-2222-2222-2222-222222222222");

    private readonly MovableTime _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly NodeAuthenticator _first;
    private readonly NodeAuthenticator _second;

    public NodeAuthenticatorTests() => (_first, _second) = (Node(First), Node(Second));

    [Fact]
    public void A_node_believes_another_that_has_the_same_key()
    {
        var (call, header) = _first.Sign(Second, "GET", Path);
        _second.Verify(header, "GET", Path, out var verified).ShouldBe(NodeVerdict.Genuine);
        verified.ShouldBe(call);
        verified.From.ShouldBe(First);
        _first.IsProof(call, _second.Prove(verified)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("203.0.113.8")]
    [InlineData("")]
    [InlineData(null)]
    public void Nobody_on_the_way_can_say_that_a_request_is_another_client_s(string? altered)
    {
        var (_, header) = _first.Sign(Second, "GET", Path, "203.0.113.7");
        _second.Verify(header, "GET", Path, out _, altered).ShouldBe(NodeVerdict.Forged);
        _second.Verify(header, "GET", Path, out _, "203.0.113.7").ShouldBe(NodeVerdict.Genuine);
        (_, header) = _first.Sign(Second, "GET", Path);
        _second.Verify(header, "GET", Path, out _, altered ?? "203.0.113.7").ShouldBe(NodeVerdict.Forged, "nor of one that is the node's own");
    }

    public static TheoryData<string, Func<string, string>> Alterations() => new()
    {
        { "another caller", header => Swap(header, 1, Guid.Empty.ToString("N")) },
        { "another target", header => Swap(header, 2, Guid.Empty.ToString("N")) },
        { "a later time", header => Swap(header, 3, "99999999999999") },
        { "a time with a sign", header => Swap(header, 3, "+" + header.Split('.')[3]) },
        { "another number", header => Swap(header, 4, "77") },
        { "a number that is none", header => Swap(header, 4, "1e3") },
        { "a number beyond all", header => Swap(header, 4, "99999999999999999999") },
        { "another version", header => Swap(header, 0, "2") },
        { "no code", header => Swap(header, 5, "") },
        { "a shortened code", header => header[..^1] },
        { "a code with padding", header => header + "=" },
        { "a code of zeros", header => Swap(header, 5, new string('A', 43)) },
        { "a part more", header => header + ".x" },
        { "a part less", header => header[..header.LastIndexOf('.')] },
        { "nothing", _ => "" },
        { "something long", header => header + new string('x', 10_000) },
    };

    [Theory]
    [MemberData(nameof(Alterations))]
    public void An_altered_header_is_forged(string what, Func<string, string> alter)
    {
        var (_, header) = _first.Sign(Second, "GET", Path);
        _second.Verify(alter(header), "GET", Path, out _).ShouldBe(NodeVerdict.Forged, what);
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Genuine, "the original was not used up");
    }

    [Theory]
    [InlineData("POST", Path)]
    [InlineData("get", Path)]
    [InlineData("GET", "/stream?route=bob")]
    [InlineData("GET", "/stream")]
    [InlineData("GET", "/internal/peer")]
    [InlineData("GET\n/stream?route=alice", "")]
    public void A_header_is_good_for_no_other_request(string method, string path) =>
        _second.Verify(_first.Sign(Second, "GET", Path).Header, method, path, out _).ShouldBe(NodeVerdict.Forged);

    [Fact]
    public void A_missing_header_is_forged() => _second.Verify(null, "GET", Path, out _).ShouldBe(NodeVerdict.Forged);

    [Fact]
    public void A_node_with_another_key_is_not_believed_either_way()
    {
        var stranger = new NodeAuthenticator(new TestCredentials(First, [.. TestCredentials.Shared.Select(b => (byte)~b)]), _clock);
        _second.Verify(stranger.Sign(Second, "GET", Path).Header, "GET", Path, out _).ShouldBe(NodeVerdict.Forged);
        var (call, _) = _first.Sign(Second, "GET", Path);
        _first.IsProof(call, stranger.Prove(call)).ShouldBeFalse();
    }

    [Fact]
    public void A_call_for_a_process_that_is_gone_is_not_taken_by_the_one_that_came_after() =>
        Node(Guid.NewGuid()).Verify(_first.Sign(Second, "GET", Path).Header, "GET", Path, out _).ShouldBe(NodeVerdict.ForAnother);

    [Theory]
    [InlineData(-30, true)]
    [InlineData(30, true)]
    [InlineData(-31, false)]
    [InlineData(31, false)]
    public void A_header_is_good_for_thirty_seconds_either_way(int seconds, bool isInTime)
    {
        var (_, header) = _first.Sign(Second, "GET", Path);
        _clock.Shift(TimeSpan.FromSeconds(seconds));
        _second.Verify(header, "GET", Path, out _).ShouldBe(isInTime ? NodeVerdict.Genuine : NodeVerdict.OutOfTime);
    }

    [Fact]
    public void A_header_is_good_once()
    {
        var (_, header) = _first.Sign(Second, "GET", Path);
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Genuine);
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Repeated);
        _clock.Shift(TimeSpan.FromSeconds(29));
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Repeated);
    }

    [Fact]
    public void A_header_from_a_fast_clock_stays_used_for_as_long_as_it_is_good()
    {
        _clock.Shift(TimeSpan.FromSeconds(30));
        var (_, header) = _first.Sign(Second, "GET", Path);
        _clock.Shift(TimeSpan.FromSeconds(-30));
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Genuine);
        _clock.Shift(TimeSpan.FromSeconds(60));

        // Others come, and make the node forget what it need not remember.
        _second.Verify(Node(Guid.NewGuid()).Sign(Second, "GET", Path).Header, "GET", Path, out _).ShouldBe(NodeVerdict.Genuine);
        _second.Verify(header, "GET", Path, out _).ShouldBe(NodeVerdict.Repeated);
    }

    [Fact]
    public void Calls_may_overtake_each_other_and_each_counts_once()
    {
        var headers = Enumerable.Range(0, 1000).Select(_ => _first.Sign(Second, "GET", Path).Header).ToArray();
        new Random(1).Shuffle(headers);
        headers.Select(Verify).Distinct().ShouldBe([NodeVerdict.Genuine]);
        headers.Select(Verify).Distinct().ShouldBe([NodeVerdict.Repeated]);
    }

    [Fact]
    public void What_lies_too_far_behind_counts_as_seen()
    {
        var (_, old) = _first.Sign(Second, "GET", Path);
        for (var i = 0; i < ReplayWindows.Width; i++)
            _first.Sign(Second, "GET", Path);
        _second.Verify(_first.Sign(Second, "GET", Path).Header, "GET", Path, out _).ShouldBe(NodeVerdict.Genuine);
        _second.Verify(old, "GET", Path, out _).ShouldBe(NodeVerdict.Repeated);
    }

    [Fact]
    public void The_memory_of_callers_is_bounded_and_frees_itself()
    {
        var windows = new ReplayWindows(TimeSpan.FromSeconds(60));
        for (var i = 0; i < ReplayWindows.MaxCallers; i++)
            windows.Take(Guid.NewGuid(), 1, _clock.GetUtcNow()).ShouldBe(NodeVerdict.Genuine);
        windows.Take(First, 1, _clock.GetUtcNow()).ShouldBe(NodeVerdict.Unable);
        _clock.Shift(TimeSpan.FromSeconds(61));
        windows.Take(First, 1, _clock.GetUtcNow()).ShouldBe(NodeVerdict.Genuine);
    }

    [Fact]
    public void A_window_remembers_the_same_as_a_list_of_everything()
    {
        var random = new Random(2);
        var windows = new ReplayWindows(TimeSpan.FromSeconds(60));
        var seen = new HashSet<long>();
        long highest = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var number = Math.Max(1, highest + random.Next(-ReplayWindows.Width - 1000, random.Next(20) == 0 ? ReplayWindows.Width * 2 : 300));
            var isNew = number > highest - ReplayWindows.Width && seen.Add(number);
            windows.Take(First, number, _clock.GetUtcNow()).ShouldBe(isNew ? NodeVerdict.Genuine : NodeVerdict.Repeated, $"step {i}, number {number}");
            highest = Math.Max(highest, number);
        }
    }

    [Fact]
    public void Without_the_key_nothing_is_signed_or_believed()
    {
        var starting = new NodeAuthenticator(new TestCredentials(Second, null), _clock);
        starting.Verify(_first.Sign(Second, "GET", Path).Header, "GET", Path, out _).ShouldBe(NodeVerdict.Unable);
        Should.Throw<IOException>(() => starting.Sign(First, "GET", Path));
    }

    [Fact]
    public void The_proof_of_one_call_proves_no_other()
    {
        var (one, _) = _first.Sign(Second, "GET", Path);
        var (other, header) = _first.Sign(Second, "GET", Path);
        _first.IsProof(other, _second.Prove(one)).ShouldBeFalse();
        _first.IsProof(other, null).ShouldBeFalse();
        _first.IsProof(other, "").ShouldBeFalse();
        _first.IsProof(other, header.Split('.')[5]).ShouldBeFalse("what came back is what was sent");
    }

    private NodeVerdict Verify(string header) => _second.Verify(header, "GET", Path, out _);

    private NodeAuthenticator Node(Guid id) => new(new TestCredentials(id, TestCredentials.Shared), _clock);

    private static string Swap(string header, int part, string value)
    {
        var parts = header.Split('.');
        parts[part] = value;
        return string.Join('.', parts);
    }
}
