using System.Reflection;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Modules.Accounts;
using Savepoint.Modules.Characters;
using Savepoint.Protocol;
using Savepoint.Server.Configuration;
using Savepoint.Server.Forwarding;
using Savepoint.Server.Membership;
using Savepoint.Server.Metrics;
using Savepoint.Server.RateLimits;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Tokens;
using Savepoint.Storage.Postgres;
using Savepoint.Streams;
using Savepoint.Streams.Tests;
using Path = System.IO.Path;

namespace Savepoint.Server.Tests;

/// <summary>The reference pages name everything that there is.</summary>
public sealed class DocumentationTests
{
    private static readonly string[] Derived = ["NodeName", "SessionLease", "WriterResumeWithin", "MaxMutationsPerUnit", "MaxProcessedMessages"];

    [Fact]
    public void Every_error_code_is_explained()
    {
        var page = Page("errors.md");
        var codes = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Concat(Enum.GetValues<DocumentError>().Where(error => error != DocumentError.None).Select(error => error.Code()));
        codes.Where(code => !page.Contains($"| `{code}` |", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_problem_code_is_explained()
    {
        var page = Page("errors.md");
        typeof(ProblemCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Where(code => !page.Contains($"| `{code}` |", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_code_of_accounts_is_explained()
    {
        var page = Page("errors.md");
        typeof(AccountCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Where(code => !page.Contains($"| `{code}` |", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_setting_is_explained()
    {
        var page = Page("configuration.md");
        var settings = Names<SavepointOptions>().Except(["Tokens", "Accounts", "Postgres", "Engine", "Streams", "Cluster", "Access", "Permissions", "Characters", "RateLimits"])
            .Concat(Names<CharactersOptions>().Except(["Rulebook", "IntentAssemblies"]).Select(name => $"Characters:{name}"))
            .Concat(Names<AccessKeyOptions>().Select(name => $"Access:Keys:0:{name}"))
            .Concat(Names<RateLimitOptions>().Except(["Enabled"]).SelectMany(name => new[] { $"{name}:PerSecond", $"{name}:Burst" }))
            .Concat(Names<PermissionOptions>().Except(["Paths", "Intents"]))
            .Concat(Names<PathPermissionOptions>().Select(name => $"Paths:0:{name}"))
            .Concat(Names<IntentPermissionOptions>().Select(name => $"Intents:0:{name}"))
            .Concat(Names<ServerClusterOptions>())
            .Concat(Names<TokenOptions>().Select(name => $"Tokens:{name}"))
            .Concat(Names<AccountsOptions>().Select(name => $"Accounts:{name}"))
            .Concat(Names<PostgresStoreOptions>())
            .Concat(Names<EngineOptions>())
            .Concat(Names<StreamOptions>().Except(Derived));
        settings.Where(name => !page.Contains($"| `{name}` |", StringComparison.Ordinal)).ShouldBeEmpty();
        Derived.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_metric_of_our_own_is_explained()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await server.ConnectAsync(TestClient.AsGameServer());
        var page = Page("metrics.md");
        using var membership = new MembershipMetrics();
        membership.Observe(() => default);
        using var forwarding = new ForwardingMetrics();
        using var limits = new RateLimitMetrics();
        using var accounts = new AccountMetrics();
        accounts.ObserveQueue(() => 0);
        accounts.LoggedIn("name", "ok");
        accounts.Registered("ok");
        accounts.Refreshed("ok");
        using var collector = new MetricsCollector();
        var names = collector.Collect().Where(series => series.Instrument.Meter.Name.StartsWith("Savepoint", StringComparison.Ordinal)).Select(series => series.Name).Distinct(StringComparer.Ordinal).ToArray();
        names.Length.ShouldBeGreaterThan(20);
        names.Where(name => !page.Contains($"| `{name}`", StringComparison.Ordinal) && !page.Contains($"| `{name}{{", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_refusal_of_the_rules_of_characters_is_explained()
    {
        var page = Page("characters-api.md");
        CharacterErrors.All.Select(error => error.Code).Where(code => !page.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    private static IEnumerable<string> Names<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Except(["EqualityContract"]);

    private static string Page(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Savepoint.slnx")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests run outside of the repository.");
        return File.ReadAllText(Path.Combine(folder.FullName, "docs", "reference", name));
    }
}
