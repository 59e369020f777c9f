using System.Xml.Linq;

namespace Savepoint.Architecture.Tests;

/// <summary>References flow down, as the design says; a new project has to be given its place here.</summary>
public class ReferenceTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Savepoint.Documents"] = [],
        ["Savepoint.Generators"] = [],
        ["Savepoint.Protocol"] = ["Savepoint.Documents"],
        ["Savepoint.Engine"] = ["Savepoint.Documents"],
        ["Savepoint.Client"] = ["Savepoint.Documents", "Savepoint.Protocol", "Savepoint.Generators"],
        ["Savepoint.Cluster"] = ["Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Streams"] = ["Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Storage.Memory"] = ["Savepoint.Cluster", "Savepoint.Engine", "Savepoint.Documents"],
        ["Savepoint.Storage.Postgres"] = ["Savepoint.Cluster", "Savepoint.Engine", "Savepoint.Documents"],
        ["Savepoint.Storage.Sqlite"] = ["Savepoint.Engine", "Savepoint.Documents"],
        ["Savepoint.Embedded"] = ["Savepoint.Client", "Savepoint.Streams", "Savepoint.Storage.Sqlite", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Testing"] =
            ["Savepoint.Client", "Savepoint.Streams", "Savepoint.Cluster", "Savepoint.Storage.Memory", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Hosting"] = ["Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Modules.Characters"] = ["Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Modules.Profiles"] = ["Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Modules.DataRights"] = ["Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Modules.Economy"] = ["Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Server"] = ["Savepoint.Modules.Accounts", "Savepoint.Modules.Characters", "Savepoint.Modules.DataRights", "Savepoint.Modules.Economy", "Savepoint.Modules.Profiles", "Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Cluster", "Savepoint.Storage.Memory", "Savepoint.Storage.Postgres", "Savepoint.Storage.Sqlite", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Modules.Accounts"] = ["Savepoint.Hosting", "Savepoint.Streams", "Savepoint.Engine", "Savepoint.Protocol", "Savepoint.Documents"],
        ["Savepoint.Simulation"] = ["Savepoint.Testing", "Savepoint.Client", "Savepoint.Generators", "Savepoint.Cluster", "Savepoint.Storage.Memory", "Savepoint.Engine", "Savepoint.Documents"],
    };

    public static TheoryData<string> Projects() =>
        [.. Directory.GetDirectories(Repository.PathOf("src")).Select(folder => Path.GetFileName(folder)!), "Savepoint.Simulation"];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_lies_below_it(string project)
    {
        Allowed.ShouldContainKey(project, $"{project} has no place in the design yet: give it one here.");
        References(project).Except(Allowed[project]).ShouldBeEmpty();
    }

    [Fact]
    public void What_the_simulator_steers_bans_clocks_threads_and_randomness()
    {
        string[] steered = ["Savepoint.Documents", "Savepoint.Engine", "Savepoint.Cluster", "Savepoint.Streams", "Savepoint.Storage.Memory", "Savepoint.Storage.Postgres", "Savepoint.Storage.Sqlite", "Savepoint.Testing", "Savepoint.Simulation"];
        foreach (var project in steered)
            Load(project).Descendants("UseBannedSymbols").Select(element => element.Value).ShouldBe(["true"], project);
    }

    [Theory]
    [InlineData("src/Savepoint.Client/Savepoint.Client.csproj")]
    [InlineData("samples/DedicatedServer/DedicatedServer.csproj")]
    public void What_Unity_servers_use_is_compiled_for_netstandard(string project) =>
        XDocument.Load(Repository.PathOf(project)).Descendants("TargetFrameworks").Single().Value.ShouldBe("net10.0;netstandard2.1");

    private static IEnumerable<string> References(string project) => Load(project)
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    private static XDocument Load(string project) => XDocument.Load(
        new[] { "src", "tests" }.Select(folder => Repository.PathOf($"{folder}/{project}/{project}.csproj")).First(File.Exists));
}
