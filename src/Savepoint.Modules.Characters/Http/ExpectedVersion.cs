using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;

namespace Savepoint.Modules.Characters.Http;

/// <summary>The version that a request has seen: in its body, as <c>If-Match</c>, or both, if they agree; * agrees with every version (RFC 9110, section 13.1.1).</summary>
internal static class ExpectedVersion
{
    /// <summary>What a change expects; <see cref="Mutation.AnyVersion"/> when it takes any.</summary>
    /// <param name="request">The request.</param>
    /// <param name="inBody">What its body says; null for nothing.</param>
    /// <param name="isRequired">Whether it has to say something.</param>
    /// <exception cref="ProblemException">It can't be read, contradicts itself, or is not there although it has to be.</exception>
    public static long Of(HttpRequest request, long? inBody, bool isRequired)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
            throw new ProblemException(ErrorCodes.InvalidRequest, "If-None-Match means nothing here.");
        var match = request.Headers.IfMatch;
        if (match.Count == 0)
            return inBody ?? (isRequired ? throw Missing() : Mutation.AnyVersion);
        var inHeader = VersionOf(match.ToString());
        if (inBody is not { } version)
            return inHeader;
        return inHeader == version || inHeader == Mutation.AnyVersion ? version
            : throw new ProblemException(ErrorCodes.InvalidRequest, "'version' and If-Match contradict each other.");
    }

    /// <summary>Whether who asks has the version already: <c>If-None-Match</c> of a read.</summary>
    /// <returns>The version; 0 for none.</returns>
    public static long Known(HttpRequest request)
    {
        var tag = request.Headers.IfNoneMatch;
        if (tag.Count != 1 || tag[0] is not { } text)
            return 0;
        var strong = text.StartsWith("W/", StringComparison.Ordinal) ? text.AsSpan(2) : text;
        return EntityTag.TryRead(strong, out var version) ? version : 0;
    }

    /// <summary>Whether a request's expectation came as a header, whose failing has a status of its own.</summary>
    public static bool IsHeader(HttpRequest request) => request.Headers.IfMatch.Count > 0;

    private static long VersionOf(string match) => match == "*" ? Mutation.AnyVersion
        : EntityTag.TryRead(match, out var version) && version > 0 ? version
        : throw new ProblemException(ErrorCodes.InvalidRequest, "If-Match is * or one version, as ETag gives it: \"7\".");

    private static ProblemException Missing() => new(ProblemCodes.PreconditionRequired, "The version that was seen has to be said: 'version' in the body, or If-Match.");
}
