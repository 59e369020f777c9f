using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Savepoint.Generators;

namespace Savepoint.Client.Tests;

public sealed class GeneratorTests
{
    [Theory]
    [InlineData("SAVE001", "[Profile] public class P { }")]
    [InlineData("SAVE001", "[Profile] public partial class P<T> { }")]
    [InlineData("SAVE001", "public class Outer { [Profile] public partial class P { } }")]
    [InlineData("SAVE001", "public class B { } [Profile] public partial class P : B { }")]
    [InlineData("SAVE002", "[Profile] public partial class P { public long Gold { get; set; } }")]
    [InlineData("SAVE003", "[Profile] public partial class P { public partial decimal Gold { get; set; } }")]
    [InlineData("SAVE003", "[Profile] public partial class P { public partial System.Collections.Generic.List<int> Gold { get; } }")]
    [InlineData("SAVE003", "[Profile] public partial class P { public partial TrackedList<object> Gold { get; } }")]
    [InlineData("SAVE004", "[Profile] public partial class P { [Additive] public partial string Gold { get; set; } }")]
    [InlineData("SAVE004", "[Profile] public partial class P { [Additive] public partial long? Gold { get; set; } }")]
    [InlineData("SAVE005", "[Profile] public partial class P { [Default(\"much\")] public partial long Gold { get; set; } }")]
    [InlineData("SAVE005", "[Profile] public partial class P { [Default(1)] public partial TrackedList<long> Gold { get; } }")]
    [InlineData("SAVE006", "[Profile] public partial class P { public partial long Gold { get; set; } [Property(\"gold\")] public partial long Other { get; set; } }")]
    [InlineData("SAVE007", "[Profile] public partial class P { public partial long Gold { get; } }")]
    [InlineData("SAVE007", "[Profile] public partial class P { public partial TrackedList<long> Gold { get; set; } }")]
    [InlineData("SAVE008", "[Profile] public partial class P { [Property(\"\")] public partial long Gold { get; set; } }")]
    [InlineData("SAVE009", "[ProfileSection] public partial class S { public partial S Inner { get; } }")]
    public void What_cannot_be_generated_is_reported_where_it_stands(string id, string source)
    {
        var (diagnostics, _) = Generate(source);
        var diagnostic = diagnostics.ShouldHaveSingleItem();
        diagnostic.Id.ShouldBe(id);
        diagnostic.Location.GetLineSpan().Path.ShouldBe("Profile.cs");
    }

    [Theory]
    [InlineData("[Profile] public partial class P { }")]
    [InlineData("[Profile(TemplateVersion = 7)] public partial class P { public partial long Gold { get; set; } }")]
    [InlineData("[Profile] internal partial class P { internal partial long @event { get; set; } }")]
    [InlineData("[Profile] public partial class P { [Default(-5)] public partial long? A { get; set; } [Default(double.MaxValue)] public partial double B { get; set; } [Default(true)] public partial bool C { get; set; } }")]
    [InlineData("public enum E { A = -1 } [Profile] public partial class P { [Default(E.A)] public partial E A { get; set; } [Default(E.A)] public partial E? B { get; set; } }")]
    [InlineData("[Profile] public partial class P { [Default(\"a\\\"b\\n\")] [Property(\"a\\\"b\")] public partial string A { get; set; } public long Twice => A.Length * 2; }")]
    [InlineData("[Profile] public partial class P { public partial TrackedList<Savepoint.Documents.Value> A { get; } [Additive] public partial TrackedMap<double> B { get; } [Additive] public partial int C { get; set; } }")]
    [InlineData("[ProfileSection] public partial class S { public partial string? A { get; set; } } [Profile] public partial class P { public partial S One { get; } public partial S Two { get; } }")]
    public void What_is_generated_compiles_without_warnings(string source)
    {
        var (diagnostics, compilation) = Generate(source);
        diagnostics.ShouldBeEmpty();
        compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(found => found.Severity >= DiagnosticSeverity.Warning).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_generated_again_when_nothing_about_the_profile_has_changed()
    {
        var compilation = Compile("[Profile] public partial class P { public partial long Gold { get; set; } }");
        GeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new ProfileGenerator().AsSourceGenerator()], driverOptions: new GeneratorDriverOptions(default, trackIncrementalGeneratorSteps: true));
        driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
        var other = compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other;", cancellationToken: TestContext.Current.CancellationToken));
        driver = driver.RunGenerators(other, TestContext.Current.CancellationToken);
        var outputs = driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs);
        outputs.ShouldAllBe(output => output.Reason == IncrementalStepRunReason.Cached);
    }

    private static (IReadOnlyList<Diagnostic> Diagnostics, Compilation Compilation) Generate(string source)
    {
        var driver = CSharpGeneratorDriver.Create(new ProfileGenerator());
        driver.RunGeneratorsAndUpdateCompilation(Compile(source), out var compilation, out var diagnostics, TestContext.Current.CancellationToken);
        return (diagnostics, compilation);
    }

    private static CSharpCompilation Compile(string source)
    {
        var tree = CSharpSyntaxTree.ParseText(
            "#nullable enable\nusing Savepoint.Client;\nnamespace Game;\n" + source, path: "Profile.cs", cancellationToken: TestContext.Current.CancellationToken);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(System.IO.Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create("Game", [tree], references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }
}
