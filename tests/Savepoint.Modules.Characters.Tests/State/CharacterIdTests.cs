using Savepoint.Engine;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Tests;

public sealed class CharacterIdTests
{
    private static readonly byte[] Entropy = [.. Enumerable.Range(0, 16).Select(index => (byte)(0xF0 + index))];

    [Fact]
    public void An_id_is_a_uuid_of_version_8_that_tells_its_owner_and_never_changes()
    {
        var id = CharacterId.Make("alice", Entropy);
        id.ToString("D").ShouldBe("8637608a-7b70-86f7-b8f9-fafbfcfdfeff");
        (id.Version, id.Variant & 0xC).ShouldBe((8, 8));
        CharacterId.Make("alice", new byte[16]).ToString("D").ShouldBe("8637608a-7b70-8000-8000-000000000000");
        CharacterId.IsOf(id, "alice").ShouldBeTrue();
        CharacterId.IsOf(id, "Alice").ShouldBeFalse();
        CharacterId.IsOf(id, "").ShouldBeFalse();
        CharacterId.IsOf(Guid.Empty, "alice").ShouldBeFalse();
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("a/b")]
    [InlineData(":")]
    [InlineData("a:b:")]
    public void The_entity_belongs_to_the_owner_whatever_is_in_its_name(string user)
    {
        var key = CharacterId.KeyOf(user, CharacterId.Make(user, Entropy));
        CharacterId.OwnerOf(key.Id).ShouldBe(user);
        Guid.Parse(CharacterId.IdOf(key)).ShouldBe(CharacterId.Make(user, Entropy));
    }

    [Fact]
    public void What_names_no_owner_has_none() => CharacterId.OwnerOf("none").ShouldBe("");
}
