using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;

namespace Savepoint.Modules.Characters.Http;

/// <summary>The version that a request has seen: in its body, as <c>If-Match</c>, or both, if they agree; * agrees with every version (RFC 9110, section 13.1.1).</summary>
internal static class ExpectedVersion
{
    /// <summary>What a change expects, as <see cref="VersionHeaders.Expected"/> has it; <see cref="Mutation.AnyVersion"/> when it takes any.</summary>
    /// <param name="request">The request.</param>
    /// <param name="inBody">What its body says; null for nothing.</param>
    /// <param name="isRequired">Whether it has to say something.</param>
    /// <exception cref="ProblemException">It can't be read, contradicts itself, or is not there although it has to be.</exception>
    public static long Of(HttpRequest request, long? inBody, bool isRequired)
    {
        if (request.Headers.IfNoneMatch.Count > 0)
            throw new ProblemException(ErrorCodes.InvalidRequest, "If-None-Match means nothing here.");
        if (VersionHeaders.Expected(request) is not { } inHeader)
            return inBody ?? (isRequired ? throw Missing() : Mutation.AnyVersion);
        return inBody is { } version ? Both(request, inHeader, version) : inHeader;
    }

    private static long Both(HttpRequest request, long inHeader, long inBody) => inHeader switch
    {
        Mutation.AnyVersion => inBody,
        VersionHeaders.NoVersion => inHeader,
        VersionHeaders.OneOfSeveral when VersionHeaders.Expects(request, inBody) => inBody,
        _ => inHeader == inBody ? inBody : throw new ProblemException(ErrorCodes.InvalidRequest, "'version' and If-Match contradict each other."),
    };

    private static ProblemException Missing() => new(ProblemCodes.PreconditionRequired, "The version that was seen has to be said: 'version' in the body, or If-Match.");
}
