using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Tests.Authorization;

public sealed class AccessKeysTests
{
    private static readonly AccessKeys Keys = new(
    [
        ("secret-of-a-server", new AccessKey(PrincipalRole.GameServer) { Level = 5 }),
        ("secret-of-the-shop", new AccessKey(PrincipalRole.Service) { Name = "shop", Level = 2 }),
        ("secret-of-support", new AccessKey(PrincipalRole.Support) { Name = "kim" }),
        ("secret-of-an-admin", new AccessKey(PrincipalRole.Admin) { Name = "root" }),
    ]);

    [Theory]
    [InlineData("secret-of-a-server", "eu-1", "server:eu-1", 5)]
    [InlineData("secret-of-the-shop", null, "service:shop", 2)]
    [InlineData("secret-of-the-shop", "", "service:shop", 2)]
    [InlineData("secret-of-the-shop", "shop-2", "service:shop-2", 2)]
    [InlineData("secret-of-support", null, "support:kim", 0)]
    [InlineData("secret-of-an-admin", null, "admin:root", int.MaxValue)]
    public void A_key_says_who_its_bearer_is(string secret, string? name, string actor, int level)
    {
        var principal = Keys.Find(secret)!.ToPrincipal(name)!;
        (principal.Actor, principal.Level).ShouldBe((actor, level));
    }

    [Theory]
    [InlineData("secret-of-a-serveR")]
    [InlineData("secret-of-a-server ")]
    [InlineData("")]
    public void Another_secret_is_nobodys(string secret) => Keys.Find(secret).ShouldBeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("eu\n1")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void Whoever_has_no_name_that_can_be_one_is_nobody(string? name) => Keys.Find("secret-of-a-server")!.ToPrincipal(name).ShouldBeNull();
}
