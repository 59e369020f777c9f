using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Changes that may be made at any of several versions (<c>If-Match: "6", "7"</c>), while the engine expects one: that is the present one, if it is among them, and
/// else one of them at which the entity is not, so that the engine refuses. What comes in between is a refusal too.
/// </summary>
/// <remarks>
/// The repetition of a request finds another version than the first has found. So the engine is asked in any case, and what stands for the request there are the versions
/// that it names, not the one that was chosen.
/// </remarks>
public static class SeveralVersions
{
    /// <summary>As <see cref="EngineRequests.SubmitAsync"/>, of a request whose first mutation expects what <see cref="VersionHeaders.Expected"/> says.</summary>
    /// <inheritdoc cref="EngineRequests.SubmitAsync"/>
    public static Task<Error?> SubmitAsync(this EngineRequests engine, HttpRequest request, Principal principal, Mutation[] mutations, UnitTerms terms, CancellationToken cancellationToken) =>
        mutations[0].ExpectedVersion == VersionHeaders.OneOfSeveral
            ? ChooseAndSubmitAsync(engine, request, principal, mutations, terms, cancellationToken)
            : engine.SubmitAsync(principal, mutations, terms, cancellationToken);

    /// <summary>Has the first mutation expect one version, where it expects <see cref="VersionHeaders.OneOfSeveral"/>.</summary>
    /// <param name="engine">Knows the present one.</param>
    /// <param name="request">The request, whose <c>If-Match</c> has them.</param>
    /// <param name="principal">Who asks.</param>
    /// <param name="mutations">The mutations.</param>
    /// <param name="terms">What there is to say of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// The terms to submit them with; or why the present version can't be read, and then nothing may be submitted: a version that was guessed would be refused for good.
    /// </returns>
    public static async ValueTask<(UnitTerms Terms, Error? Error)> ChooseAsync(
        this EngineRequests engine, HttpRequest request, Principal principal, Mutation[] mutations, UnitTerms terms, CancellationToken cancellationToken)
    {
        if (mutations[0].ExpectedVersion != VersionHeaders.OneOfSeveral)
            return (terms, null);
        var content = terms.Fingerprint ?? IdempotencyKey.FingerprintOf(mutations, terms.Reason);
        var (snapshot, error) = await engine.ReadAsync(principal, mutations[0].Key, version: 0, cancellationToken);
        if (error is not null)
            return (terms, error);
        mutations[0].ExpectedVersion = VersionHeaders.ExpectedOf(request, snapshot.Version);
        return (terms with { Fingerprint = IdempotencyKey.FingerprintOf("one-of-several", $"{content}", request.Headers.IfMatch.ToString()) }, null);
    }

    private static async Task<Error?> ChooseAndSubmitAsync(EngineRequests engine, HttpRequest request, Principal principal, Mutation[] mutations, UnitTerms terms, CancellationToken cancellationToken)
    {
        (terms, var error) = await engine.ChooseAsync(request, principal, mutations, terms, cancellationToken);
        return error ?? await engine.SubmitAsync(principal, mutations, terms, cancellationToken);
    }
}
