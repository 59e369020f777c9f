using Savepoint.Server.Hosting;

namespace Savepoint.Server.Tests.Secrets;

/// <summary>Secrets that several processes may make up at the same time, in one data folder.</summary>
public sealed class SecretFileTests : IDisposable
{
    private const int Callers = 4;

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("savepoint-test-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public void All_who_create_a_secret_at_the_same_time_get_the_same()
    {
        for (var round = 0; round < 50; round++)
        {
            var path = Path.Combine(_data.FullName, $"{round}", "secret");
            var secrets = AtOnce(caller => SecretFiles.ReadOrCreate(path, () => Content(caller)));

            var kept = File.ReadAllBytes(path);
            secrets.ShouldAllBe(secret => secret.SequenceEqual(kept));
            kept.ShouldBe(Content(kept[0]));
            Files(path).ShouldBe(["secret"]);
        }
    }

    [Fact]
    public void What_was_put_in_place_first_stays()
    {
        for (var round = 0; round < 200; round++)
        {
            var path = Path.Combine(_data.FullName, $"secret-{round}");
            for (var caller = 0; caller < Callers; caller++)
                File.WriteAllBytes($"{path}.{caller}", Content(caller));

            var seen = AtOnce(caller =>
            {
                SecretFiles.Place($"{path}.{caller}", path);
                return File.ReadAllBytes(path);
            });

            seen.ShouldAllBe(content => content.SequenceEqual(seen[0]));
        }
    }

    [Fact]
    public void Who_comes_second_takes_what_the_first_has_written()
    {
        var path = Path.Combine(_data.FullName, "secret");

        var second = SecretFiles.ReadOrCreate(path, () =>
        {
            SecretFiles.ReadOrCreate(path, () => Content(1)).ShouldBe(Content(1));
            return Content(2);
        });

        second.ShouldBe(Content(1));
        SecretFiles.ReadOrCreate(path, () => Content(3)).ShouldBe(Content(1));
        Files(path).ShouldBe(["secret"]);
    }

    [Theory]
    [InlineData("secret.new")]
    [InlineData("secret.new-0123456789abcdef0123456789abcdef")]
    public void What_a_crash_has_left_half_written_is_in_nobodys_way(string left)
    {
        var path = Path.Combine(_data.FullName, "secret");
        File.WriteAllBytes(Path.Combine(_data.FullName, left), [1, 2]);
        File.WriteAllBytes(Path.Combine(_data.FullName, "other.new"), [1, 2]);

        SecretFiles.ReadOrCreate(path, () => Content(1)).ShouldBe(Content(1));

        File.ReadAllBytes(path).ShouldBe(Content(1));
        Files(path).ShouldBe(["other.new", "secret"], ignoreOrder: true);
    }

    [Fact]
    public void What_can_not_be_put_in_place_leaves_nothing_behind()
    {
        // A folder of that name: nothing is there to read, and nothing may take its place.
        var path = Path.Combine(_data.FullName, "secret");
        Directory.CreateDirectory(path);

        Should.Throw<Exception>(() => SecretFiles.ReadOrCreate(path, () => Content(1)));

        Files(path).ShouldBeEmpty();
        Directory.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public void Only_its_own_user_may_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There, the folder's rights count.");
        var path = Path.Combine(_data.FullName, "secret");
        SecretFiles.ReadOrCreate(path, () => Content(1));
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>What each of the callers gets, who all begin at one moment.</summary>
    private static byte[][] AtOnce(Func<int, byte[]> call)
    {
        using var start = new Barrier(Callers);
        var results = new byte[Callers][];
        var failures = new Exception?[Callers];
        var threads = Enumerable.Range(0, Callers).Select(caller => new Thread(() =>
        {
            start.SignalAndWait();
            failures[caller] = Record.Exception(() => results[caller] = call(caller));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        failures.FirstOrDefault(failure => failure is not null).ShouldBeNull();
        return results;
    }

    private static byte[] Content(int caller) => [.. Enumerable.Repeat((byte)caller, 4096)];

    private static IEnumerable<string> Files(string path) => new DirectoryInfo(Path.GetDirectoryName(path)!).EnumerateFiles().Select(file => file.Name);
}
