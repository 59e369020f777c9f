using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Server.Tests.Tokens;

/// <summary>The attacks of RFC 8725 and some more; each token differs from a good one in one thing.</summary>
public sealed class PlayerTokensTests : IDisposable
{
    private readonly TokenMaker _maker = new();

    [Fact]
    public void A_good_token_names_its_user()
    {
        Verify(_maker.Sign(), out var user).ShouldBeTrue();
        user.ShouldBe("alice");
    }

    [Fact]
    public void One_of_several_audiences_is_enough() =>
        Verify(_maker.Sign(payload: TokenMaker.Payload.Replace("\"savepoint\"", """["other","savepoint"]""", StringComparison.Ordinal))).ShouldBeTrue();

    [Fact]
    public void Nbf_may_be_left_out() => Verify(_maker.Sign(payload: """{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000600}""")).ShouldBeTrue();

    [Theory]
    [InlineData("""{"alg":"none","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"None","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"HS256","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"ES384","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"es256","typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":["ES256"],"typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"typ":"JWT","kid":"k1"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":"k2"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":"other"}""")]
    [InlineData("""{"alg":"ES256","typ":"JWT","kid":1}""")]
    [InlineData("""{"alg":"ES256","typ":"at+jwt","kid":"k1"}""")]
    [InlineData("""{"alg":"ES256","kid":"k1","crit":["b64"],"b64":false}""")]
    [InlineData("""{"alg":"none","alg":"ES256","kid":"k1"}""")]
    [InlineData("""["ES256"]""")]
    [InlineData("nonsense")]
    public void A_header_that_is_not_exactly_ours_is_refused_though_the_signature_is_right(string header) => Verify(_maker.Sign(header)).ShouldBeFalse();

    [Theory]
    [InlineData("""{"iss":"other","aud":"savepoint","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"aud":"savepoint","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":["issuer"],"aud":"savepoint","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"other","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":[],"sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":7,"exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"a\u0000b","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"a\ud800b","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint\ud800","sub":"alice","exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","iss\ud800":1,"exp":1900000600}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice"}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","exp":"1900000600"}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000300}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1e999}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000600,"nbf":1900000301}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000600,"nbf":"0"}""")]
    [InlineData("""{"iss":"issuer","aud":"savepoint","sub":"mallory","sub":"alice","exp":1900000600}""")]
    [InlineData("null")]
    public void Claims_that_are_not_for_us_and_for_now_are_refused_though_the_signature_is_right(string payload) => Verify(_maker.Sign(payload: payload)).ShouldBeFalse();

    [Fact]
    public void The_clocks_may_differ_by_the_skew_and_no_more()
    {
        var late = _maker.Sign(payload: """{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000290}""");
        _maker.Verifier(TimeSpan.FromSeconds(11)).TryVerify(late, out _).ShouldBeTrue();
        _maker.Verifier(TimeSpan.FromSeconds(10)).TryVerify(late, out _).ShouldBeFalse();
        var early = _maker.Sign(payload: """{"iss":"issuer","aud":"savepoint","sub":"alice","exp":1900000600,"nbf":1900000310}""");
        _maker.Verifier(TimeSpan.FromSeconds(10)).TryVerify(early, out _).ShouldBeTrue();
        _maker.Verifier(TimeSpan.FromSeconds(9)).TryVerify(early, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_token_of_another_key_is_refused()
    {
        using var other = new TokenMaker();
        Verify(other.Sign()).ShouldBeFalse();
    }

    [Fact]
    public void A_changed_payload_is_refused()
    {
        var parts = _maker.Sign().Split('.');
        parts[1] = TokenMaker.Encode(TokenMaker.Payload.Replace("alice", "admin", StringComparison.Ordinal));
        Verify(string.Join('.', parts)).ShouldBeFalse();
    }

    [Fact]
    public void A_missing_signature_is_refused()
    {
        var parts = _maker.Sign().Split('.');
        Verify($"{parts[0]}.{parts[1]}.").ShouldBeFalse();
        Verify($"{parts[0]}.{parts[1]}").ShouldBeFalse();
        Verify($"{parts[0]}.{parts[1]}.{TokenMaker.Encode(new byte[64])}").ShouldBeFalse();
    }

    [Fact]
    public void A_symmetric_signature_made_with_the_public_key_is_refused()
    {
        var content = $"{TokenMaker.Encode("""{"alg":"HS256","typ":"JWT","kid":"k1"}""")}.{TokenMaker.Encode(TokenMaker.Payload)}";
        Verify($"{content}.{TokenMaker.Encode(HMACSHA256.HashData(_maker.PublicKeyPem, Encoding.ASCII.GetBytes(content)))}").ShouldBeFalse();
    }

    [Fact]
    public void A_token_has_one_spelling()
    {
        var token = _maker.Sign();
        foreach (var other in new[] { token + "=", token + " ", " " + token, token + ".", token.Replace(".", "..", StringComparison.Ordinal), token + "\n", token[..^1] })
            Verify(other).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    public void Garbage_is_refused(string token) => Verify(token).ShouldBeFalse();

    [Fact]
    public void A_giant_is_not_even_looked_at() => Verify(new string('a', 10_000_000)).ShouldBeFalse();

    [Fact]
    public void Random_changes_of_a_good_token_are_refused()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var good = _maker.Sign();
        for (var i = 0; i < 2_000; i++)
        {
            var changed = good.ToCharArray();
            changed[random.Next(changed.Length)] = (char)random.Next(32, 127);
            var token = new string(changed);
            if (token != good)
                Verify(token).ShouldBeFalse(token);
        }
    }

    public void Dispose() => _maker.Dispose();

    private bool Verify(string token) => Verify(token, out _);

    private bool Verify(string token, out string? user) 
    {
        var isGood = _maker.Verifier().TryVerify(token, out var found);
        user = found?.UserId;
        return isGood;
    }
}
