using System.Buffers.Text;
using System.Text;
using Microsoft.IdentityModel.Tokens;
using Savepoint.Hosting.Tokens;

namespace Savepoint.Server.Tests.Tokens;

public sealed class PublicKeySetTests
{
    // RFC 7515, appendix A.3.
    private const string X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    private const string SignedContent = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    private const string Signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    [Fact]
    public void The_example_of_RFC_7515_verifies_and_a_changed_one_does_not()
    {
        var key = Parse($$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"a3","x":"{{X}}","y":"{{Y}}"}]}""").Find("a3")!;
        var provider = CryptoProviderFactory.Default.CreateForVerifying(key, SecurityAlgorithms.EcdsaSha256);
        var (content, signature) = (Encoding.ASCII.GetBytes(SignedContent), Base64Url.DecodeFromChars(Signature));
        provider.Verify(content, signature).ShouldBeTrue();
        content[0] ^= 1;
        provider.Verify(content, signature).ShouldBeFalse();
        CryptoProviderFactory.Default.ReleaseSignatureProvider(provider);
    }

    [Theory]
    [InlineData("nonsense", "can't be read")]
    [InlineData("{}", "no key for ES256")]
    [InlineData("[]", "can't be read")]
    [InlineData("""{"keys":7}""", "can't be read")]
    [InlineData("""{"keys":[]}""", "no key for ES256")]
    [InlineData("""{"keys":[{"kty":"RSA","kid":"x"}]}""", "no key for ES256")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","use":"enc","kid":"x","x":"AA","y":"AA"}]}""", "no key for ES256")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","kid":"x","x":"AA","y":"AA"}]}""", "32 bytes")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""", "can't be read")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","kid":"x","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}]}""", "can't be read")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","kid":"x","d":"AA","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""", "private key")]
    public void A_key_set_that_can_not_be_used_says_why(string json, string expected) =>
        Should.Throw<InvalidDataException>(() => Parse(json)).Message.ShouldContain(expected);

    private static PublicKeySet Parse(string json) => PublicKeySet.Parse(Encoding.UTF8.GetBytes(json));
}
