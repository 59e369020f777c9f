using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Addresses;

/// <summary>The version that a change expects of a profile, as <c>If-Match</c> and <c>If-None-Match</c> say it: <see cref="VersionHeaders"/>.</summary>
internal static class Preconditions
{
    /// <summary>What a change expects, as <see cref="VersionHeaders.Expected"/> has it; 0 that there is none; null when it takes any version, or none.</summary>
    /// <exception cref="ProblemException">The headers can't be read, or contradict each other.</exception>
    public static long? Expected(HttpRequest request)
    {
        var noneMatch = request.Headers.IfNoneMatch;
        if (noneMatch.Count == 0)
            return VersionHeaders.Expected(request);
        if (request.Headers.IfMatch.Count > 0)
            throw new ProblemException(ErrorCodes.InvalidRequest, "If-Match and If-None-Match exclude each other.");
        return noneMatch == "*" ? 0 : throw new ProblemException(ErrorCodes.InvalidRequest, "If-None-Match of a change is *: the profile must not exist.");
    }

    /// <summary>What a change expects, which headers say or a field of the body, and not both.</summary>
    /// <param name="request">The request.</param>
    /// <param name="field">What the field says; null when it is not there.</param>
    /// <exception cref="ProblemException">The headers can't be read, or the field is there as well.</exception>
    public static long? Expected(HttpRequest request, long? field) => Expected(request) is not { } expected ? field
        : field is null ? expected
        : throw new ProblemException(ErrorCodes.InvalidRequest, "'expectedVersion' and If-Match or If-None-Match exclude each other.");

    /// <summary>Refuses the headers where they mean nothing: who sends one relies on it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="instead">What to use instead; null for nothing.</param>
    /// <exception cref="ProblemException">There is one.</exception>
    public static void RefuseIn(HttpRequest request, string? instead)
    {
        if (request.Headers.IfMatch.Count > 0 || request.Headers.IfNoneMatch.Count > 0)
            throw new ProblemException(ErrorCodes.InvalidRequest, $"If-Match and If-None-Match mean nothing here{(instead is null ? "" : $": use {instead}")}.");
    }
}
