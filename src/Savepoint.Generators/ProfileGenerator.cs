using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Savepoint.Generators;

/// <summary>Implements the partial properties of classes marked with [Profile] and [ProfileSection].</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProfileGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        Register(context, KnownNames.Profile);
        Register(context, KnownNames.ProfileSection);
    }

    private static void Register(IncrementalGeneratorInitializationContext context, string attribute)
    {
        var findings = context.SyntaxProvider.ForAttributeWithMetadataName(
            attribute,
            static (node, _) => node is ClassDeclarationSyntax,
            static (found, cancellation) => new ProfileReader((INamedTypeSymbol)found.TargetSymbol).Read(cancellation));
        context.RegisterSourceOutput(findings, static (output, finding) =>
        {
            foreach (var problem in finding.Problems.Items)
                output.ReportDiagnostic(problem.ToDiagnostic());
            if (finding.Model is { } model)
                output.AddSource(ProfileWriter.FileName(model), ProfileWriter.Write(model));
        });
    }
}
