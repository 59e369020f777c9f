using Microsoft.AspNetCore.Http;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting.Problems;
using Savepoint.Modules.Profiles;
using Savepoint.Modules.Profiles.Addresses;

namespace Savepoint.Server.Tests.Profiles;

public sealed class AddressTests
{
    private static readonly KindRegistry Kinds = new(
    [
        new Kind { Name = "profile" },
        new Kind { Name = "character", Owner = id => id.Split(':')[0] },
    ]);

    private static readonly ProfileAddresses Addresses = new(Kinds, new ProfilesOptions());

    [Theory]
    [InlineData("alice", null, "alice")]
    [InlineData("alice:1", "character", "alice")]
    [InlineData("alice:1", null, "alice:1")]
    [InlineData(":1", "character", null)]
    [InlineData("alice", "horse", null)]
    [InlineData("alice", "sp-audit", null)]
    [InlineData("", null, null)]
    [InlineData("long", null, null)]
    public void A_request_goes_to_the_owner_that_its_kind_says(string id, string? kind, string? owner) =>
        Addresses.OwnerOf(Request(id == "long" ? new string('x', 257) : id, kind)).ShouldBe(owner);

    [Theory]
    [InlineData("horse")]
    [InlineData("sp-audit")]
    public void Other_kinds_are_not_served(string kind) => Should.Throw<ProblemException>(() => Addresses.KeyOf(Request("alice", kind))).Error.Code.ShouldBe("kind.unknown");

    [Fact]
    public void Where_kinds_are_named_no_others_are_served()
    {
        var options = new ProfilesOptions { DefaultKind = "character" };
        options.Kinds.Add("character");
        var addresses = new ProfileAddresses(Kinds, options);
        addresses.KeyOf(Request("alice:1", null)).ToString().ShouldBe("character/alice:1");
        Should.Throw<ProblemException>(() => addresses.KeyOf(Request("alice", "profile")));
        options.Kinds.Add("horse");
        Should.Throw<ArgumentException>(() => new ProfileAddresses(Kinds, options)).Message.ShouldContain("horse");
    }

    private static DefaultHttpContext Request(string id, string? kind)
    {
        var context = new DefaultHttpContext();
        context.Request.RouteValues["id"] = id;
        if (kind is not null)
            context.Request.QueryString = QueryString.Create("kind", kind);
        return context;
    }
}
