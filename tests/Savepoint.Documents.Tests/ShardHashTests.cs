namespace Savepoint.Documents.Tests;

public sealed class ShardHashTests
{
    // Frozen: these say where data lies in every database that there is.
    [Theory]
    [InlineData("", 0xEFD01F60BA992926UL, 38)]
    [InlineData("a", 0x82A2A958A9BECE5BUL, 27)]
    [InlineData("alice", 0x3507D047A67C08F4UL, 52)]
    [InlineData("bob", 0xF6493629E5654AE0UL, 32)]
    [InlineData("0", 0xC1E42AF088FF1B2CUL, 44)]
    [InlineData("user:12345", 0x0B39AC71DA8AE8D0UL, 16)]
    [InlineData("3f2504e0-4f89-11d3-9a0c-0305e82c3301", 0x3A05A74F9C952443UL, 3)]
    [InlineData("\u007f", 0x52F9BA5CADC8BB6FUL, 47)]
    [InlineData("\u0080", 0x4AC8DEB598045CD8UL, 24)]
    [InlineData("é", 0x9D55CCB9BA86763BUL, 59)]
    [InlineData("ключ", 0x590520D718275ED5UL, 21)]
    [InlineData("漢字", 0x39DD59062C7210FEUL, 62)]
    [InlineData("a漢b", 0x5DFA7F34E62AFF11UL, 17)]
    [InlineData("\U0001F600", 0xDA89B0991F06F386UL, 6)]
    [InlineData("x\U0001F600y", 0xD9D04907C0B70CD6UL, 22)]
    public void An_owner_lies_where_it_always_lay(string owner, ulong hash, int shardOf64)
    {
        ShardHash.Of(owner).ShouldBe(hash);
        ShardHash.ShardOf(owner, 64).ShouldBe(shardOf64);
    }

    [Fact]
    public void The_hash_is_that_of_the_utf8_bytes()
    {
        var random = new Random(7);
        for (var i = 0; i < 1_000; i++)
        {
            var runes = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(6) switch
            {
                0 => random.Next(0x80, 0xD7FF),
                1 => random.Next(0xE000, 0x110000),
                _ => random.Next(1, 0x80),
            });
            var owner = string.Concat(runes.Select(char.ConvertFromUtf32));
            var hash = 14695981039346656037UL;
            foreach (var b in System.Text.Encoding.UTF8.GetBytes(owner))
                hash = (hash ^ b) * 1099511628211;
            hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
            hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
            ShardHash.Of(owner).ShouldBe(hash ^ (hash >> 33), owner);
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
    {
        foreach (var half in new[] { '\uD83D', '\uDE00' })
        {
            ShardHash.Of($"{half}").ShouldBe(ShardHash.Of("\uFFFD"));
            ShardHash.Of($"a{half}b").ShouldBe(ShardHash.Of("a\uFFFDb"));
        }
    }

    [Fact]
    public void Owners_spread_evenly()
    {
        var counts = new int[64];
        for (var i = 0; i < 64_000; i++)
            counts[ShardHash.ShardOf($"user-{i}", 64)]++;
        counts.Min().ShouldBeGreaterThan(850);
        counts.Max().ShouldBeLessThan(1_150);
    }
}
