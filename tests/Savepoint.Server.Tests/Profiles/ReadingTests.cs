using System.Net;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class ReadingTests
{
    private const string Everything =
        """{"at":{"$timestamp":"2026-01-31T12:00:00.0000000Z"},"big":9223372036854775807,"bytes":{"$bytes":"AQID"},"list":[1,2.0,[true]],"odd key":{"$$x":-1},"one":1.0,"text":"Käse \"x\""}""";

    [Fact]
    public async Task A_profile_reads_as_it_was_written_every_type_included()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", Everything);
        var answer = (await api.GetAsync("profiles/alice")).ShouldBeOk();
        answer.Text.ShouldBe($$"""{"kind":"profile","id":"alice","version":1,"document":{{Everything}}}""");
        (answer.Tag, answer.ContentType, answer.Headers["Cache-Control"], answer.Headers["Vary"]).ShouldBe(("\"1\"", "application/json", "no-cache, private", "Authorization"));

        // And again, from what was read.
        var again = answer.Text[answer.Text.IndexOf("{\"at\"", StringComparison.Ordinal)..^1];
        (await api.PutAsync("profiles/bob", $$"""{"document":{{again}}}""", ("If-None-Match", "*"))).Status.ShouldBe(HttpStatusCode.Created);
        (await api.GetAsync("profiles/bob")).Text.ShouldEndWith($"{Everything}}}");
    }

    [Fact]
    public async Task Whoever_has_the_version_is_told_so()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        foreach (var tag in new[] { "\"1\"", "W/\"1\"", "*", "\"7\", \"1\"" })
            (await api.GetAsync("profiles/alice", ("If-None-Match", tag))).Status.ShouldBe(HttpStatusCode.NotModified, tag);
        foreach (var tag in new[] { "\"2\"", "1", "\"x\"" })
            (await api.GetAsync("profiles/alice", ("If-None-Match", tag))).Status.ShouldBe(HttpStatusCode.OK, tag);
        await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":2}]}""");
        (await api.GetAsync("profiles/alice", ("If-None-Match", "\"1\""))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_part_is_read_by_its_path()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"currency":{"gold":7},"items":[{"name":"sword"}]}""");
        (await api.GetAsync("profiles/alice?path=currency.gold")).Text.ShouldBe("""{"kind":"profile","id":"alice","version":1,"path":"currency.gold","value":7}""");
        (await api.GetAsync("profiles/alice?path=items[0].name")).Body["value"]!.GetValue<string>().ShouldBe("sword");
        (await api.GetAsync("profiles/alice?path=")).Body["value"]!["currency"].ShouldNotBeNull();
        (await api.GetAsync("profiles/alice?path=nothing.here")).ShouldBeProblem(404, "document.path_not_found").Body["path"]!.GetValue<string>().ShouldBe("nothing.here");
        (await api.GetAsync("profiles/alice?path=a..b")).ShouldBeProblem(400, "request.invalid");
    }

    [Fact]
    public async Task An_older_version_is_read_as_it_was()
    {
        await using var server = await ProfileApi.StartAsync();
        var api = ProfileApi.Of(server);
        await api.CreateAsync("alice", """{"gold":1}""");
        await api.PatchAsync("profiles/alice", """{"operations":[{"op":"set","path":"gold","value":2}]}""");
        await api.DeleteAsync("profiles/alice");
        var old = (await api.GetAsync("profiles/alice?version=1")).ShouldBeOk();
        (old.Version, old.Tag, old.Body["document"]!.ToJsonString()).ShouldBe((1, "\"1\"", """{"gold":1}"""));
        (await api.GetAsync("profiles/alice?version=3")).ShouldBeProblem(404, "entity.not_found");
        (await api.GetAsync("profiles/alice?version=4")).ShouldBeProblem(404, "entity.version_not_found").Body["currentVersion"]!.GetValue<int>().ShouldBe(3);
        (await api.GetAsync("profiles/alice?version=-1")).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/alice?version=1&version=2")).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/alice")).ShouldBeProblem(404, "entity.not_found").Body["currentVersion"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task What_is_not_there_or_can_not_be_is_said()
    {
        await using var server = await ProfileApi.StartAsync("--Savepoint:Kinds:0=profile", "--Savepoint:Kinds:1=guild");
        var api = ProfileApi.Of(server);
        (await api.GetAsync("profiles/nobody")).ShouldBeProblem(404, "entity.not_found").Body["id"]!.GetValue<string>().ShouldBe("nobody");
        (await api.GetAsync("profiles/alice?kind=horse")).ShouldBeProblem(404, "kind.unknown");
        (await api.GetAsync($"profiles/{new string('x', 257)}")).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/a%2Fb")).ShouldBeProblem(400, "request.invalid");
        (await api.GetAsync("profiles/a%00b")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await api.GetAsync("nothing")).ShouldBeProblem(404, "request.no_such_endpoint");
        (await api.PostAsync("profiles/alice", "{}")).ShouldBeProblem(405, "request.method_not_allowed").Status.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await api.PutAsync("profiles/ä%20b?kind=guild", """{"document":{}}""", ("If-None-Match", "*"))).Body["id"]!.GetValue<string>().ShouldBe("ä b");
        (await api.GetAsync("profiles/ä%20b")).ShouldBeProblem(404, "entity.not_found");
    }
}
