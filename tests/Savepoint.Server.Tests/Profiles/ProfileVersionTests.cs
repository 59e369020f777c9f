namespace Savepoint.Server.Tests.Profiles;

public sealed class ProfileVersionTests
{
    [Fact]
    public async Task Versions_come_page_by_page_in_both_orders()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await WriteAsync(api, 10);
        (await NumbersAsync(api, "limit=4")).ShouldBe([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
        (await NumbersAsync(api, "limit=3&order=oldest")).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        (await NumbersAsync(api, "fromVersion=3&toVersion=5")).ShouldBe([5, 4, 3]);
        (await NumbersAsync(api, "from=2100-01-01T00:00:00Z")).ShouldBeEmpty();
        (await NumbersAsync(api, "until=2100-01-01T00:00:00Z&limit=1000")).Count.ShouldBe(10);
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("order=random", "order")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("from=yesterday", "from")]
    [InlineData("fromVersion=-1", "fromVersion")]
    [InlineData("fromVersion=1&fromVersion=2", "fromVersion")]
    public async Task A_page_that_can_not_be_is_refused(string query, string name)
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        (await api.GetAsync($"profiles/alice/versions?{query}")).ShouldBeProblem(400, "request.invalid").Body["detail"]!.GetValue<string>().ShouldContain($"'{name}'");
        (await api.GetAsync("profiles/nobody/versions")).ShouldBeProblem(404, "entity.not_found");
    }

    [Fact]
    public async Task A_rollback_is_a_new_version_that_the_list_names()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await WriteAsync(api, 3);
        (await api.PostAsync("profiles/alice/rollback", """{"version":1,"expectedVersion":2}""")).ShouldBeProblem(409, "version.mismatch");
        (await api.PostAsync("profiles/alice/rollback", """{"version":1,"expectedVersion":3,"reason":"support:4711"}""")).ShouldBeOk().Version.ShouldBe(4);
        (await api.DocumentAsync("alice")).ShouldBe("""{"n":1}""");
        var newest = (await api.GetAsync("profiles/alice/versions?limit=1")).Body["versions"]![0]!;
        (newest["restoredVersion"]!.GetValue<int>(), newest["reason"]!.GetValue<string>(), newest["actor"]!.GetValue<string>()).ShouldBe((1, "support:4711", "service:shop"));
        (await api.PostAsync("profiles/alice/rollback", """{"version":9}""")).ShouldBeProblem(404, "entity.version_not_found");
        (await api.PostAsync("profiles/alice/rollback", """{"version":0}""")).ShouldBeProblem(400, "request.invalid");
        (await api.PostAsync("profiles/alice/rollback", "{}")).ShouldBeProblem(400, "request.invalid");
    }

    private static async Task WriteAsync(ProfileApi api, int versions)
    {
        await api.CreateAsync("alice", """{"n":1}""");
        for (var i = 2; i <= versions; i++)
            await api.PatchAsync("profiles/alice", $$"""{"operations":[{"op":"set","path":"n","value":{{i}}}]}""");
    }

    private static async Task<List<int>> NumbersAsync(ProfileApi api, string query)
    {
        var numbers = new List<int>();
        for (string? cursor = null, next = ""; next is not null; cursor = next)
        {
            var page = (await api.GetAsync($"profiles/alice/versions?{query}{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBeOk().Body;
            numbers.AddRange(page["versions"]!.AsArray().Select(version => version!["version"]!.GetValue<int>()));
            next = page["next"]?.GetValue<string>();
        }

        return numbers;
    }
}
