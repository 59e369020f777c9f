using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;

namespace Savepoint.Modules.Profiles.Addresses;

/// <summary>The version that a request expects of a profile, as <c>If-Match</c> and <c>If-None-Match</c> say it (RFC 9110, section 13). The entity tag of a version is its number.</summary>
internal static class Preconditions
{
    /// <summary>The entity tag of a version.</summary>
    public static string TagOf(long version) => EntityTag.Of(version);

    /// <summary>What a change expects; null when it takes any version, or none.</summary>
    /// <exception cref="ProblemException">The headers can't be read, or contradict each other.</exception>
    public static long? Expected(HttpRequest request)
    {
        var match = request.Headers.IfMatch.ToString();
        var noneMatch = request.Headers.IfNoneMatch.ToString();
        if (match.Length > 0 && noneMatch.Length > 0)
            throw new ProblemException(ErrorCodes.InvalidRequest, "If-Match and If-None-Match exclude each other.");
        if (noneMatch.Length > 0)
            return noneMatch == "*" ? 0 : throw new ProblemException(ErrorCodes.InvalidRequest, "If-None-Match of a change is *: the profile must not exist.");
        if (match.Length == 0)
            return null;
        if (match == "*")
            return Mutation.AnyVersion;
        return EntityTag.TryRead(match, out var version) && version > 0
            ? version
            : throw new ProblemException(ErrorCodes.InvalidRequest, "If-Match is * or one version, as ETag gives it: \"7\".");
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

    /// <summary>Whether the caller has the version already (<c>If-None-Match</c> of a read).</summary>
    public static bool Has(HttpRequest request, long version)
    {
        // A weak tag is as good here: what it stands for differs in no more than its form.
        foreach (var tag in request.GetTypedHeaders().IfNoneMatch)
        {
            if (tag.Tag == "*" || (EntityTag.TryRead(tag.Tag.AsSpan(), out var had) && had == version))
                return true;
        }

        return false;
    }
}
