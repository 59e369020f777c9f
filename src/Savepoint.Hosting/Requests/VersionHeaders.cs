using Microsoft.Net.Http.Headers;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// The versions that a request names as <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110, section 13.1), by their <see cref="EntityTag"/>: one, which is the rule and
/// takes no memory to read, or a list of them.
/// </summary>
public static class VersionHeaders
{
    /// <summary>The version that nothing is ever at: what is expected where <c>If-Match</c> has only tags that match nothing, such as the weak ones that a compressing proxy makes.</summary>
    public const long NoVersion = long.MaxValue;

    /// <summary>Stands for a list of versions, one of which has to be the present one; see <see cref="SeveralVersions"/>. The engine takes no such expectation.</summary>
    public const long OneOfSeveral = Mutation.AnyVersion - 1;

    /// <summary>The version that <c>If-Match</c> expects.</summary>
    /// <returns>
    /// The version, <see cref="Mutation.AnyVersion"/> for <c>*</c>, <see cref="OneOfSeveral"/> for a list with several of them, <see cref="NoVersion"/> for one with none;
    /// null when the header is not there.
    /// </returns>
    /// <exception cref="ProblemException">It can't be read.</exception>
    public static long? Expected(HttpRequest request)
    {
        var match = request.Headers.IfMatch;
        if (match.Count == 0)
            return null;
        if (match.Count == 1 && EntityTag.TryRead(match[0], out var version) && version > 0)
            return version;
        return match == "*" ? Mutation.AnyVersion : ExpectedOf(StrongTagsOf(request));
    }

    /// <summary>Whether <c>If-Match</c> is there and expects more than that there is something.</summary>
    public static bool HasExpected(HttpRequest request)
    {
        var match = request.Headers.IfMatch;
        return match.Count > 0 && match != "*";
    }

    /// <summary>Whether a refusal for its version is told the version that was expected: it is, unless there was none, or one of several that nobody but this server has chosen.</summary>
    public static bool TellsExpected(HttpRequest request, ulong expected) => expected != NoVersion && Expected(request) != OneOfSeveral;

    /// <summary>Whether <c>If-Match</c> has a version in its list.</summary>
    /// <exception cref="ProblemException">It can't be read.</exception>
    public static bool Expects(HttpRequest request, long version) => StrongTagsOf(request).Contains(version);

    /// <summary>The one of a list in <c>If-Match</c> to expect.</summary>
    /// <param name="request">The request.</param>
    /// <param name="present">The version that the entity is at.</param>
    /// <returns>The present version, if it is in the list; else the highest there, at which it is not.</returns>
    /// <exception cref="ProblemException">The header can't be read.</exception>
    public static long ExpectedOf(HttpRequest request, long present)
    {
        var versions = StrongTagsOf(request);
        return versions.Contains(present) ? present : versions.DefaultIfEmpty(NoVersion).Max();
    }

    /// <summary>The version that a reader has already, by <c>If-None-Match</c>. Weak tags are as good here: what they stand for differs in no more than its form.</summary>
    /// <returns>The version, 0 for none, or <see cref="OneOfSeveral"/> where only <see cref="IsKnown"/> can tell.</returns>
    public static long Known(HttpRequest request)
    {
        var tags = request.Headers.IfNoneMatch;
        if (tags.Count == 0)
            return 0;
        return tags.Count == 1 && tags[0] is { } tag && EntityTag.TryRead(tag.StartsWith("W/", StringComparison.Ordinal) ? tag.AsSpan(2) : tag, out var version) ? version : OneOfSeveral;
    }

    /// <summary>Whether a reader has a version already, by <c>If-None-Match</c>: as one of a list, or as <c>*</c>.</summary>
    public static bool IsKnown(HttpRequest request, long version)
    {
        if (!EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var tags))
            return false;
        foreach (var tag in tags)
        {
            if (tag.Tag == "*" || (EntityTag.TryRead(tag.Tag.AsSpan(), out var known) && known == version))
                return true;
        }

        return false;
    }

    private static long ExpectedOf(List<long> versions) => versions.Count switch { 0 => NoVersion, 1 => versions[0], _ => OneOfSeveral };

    /// <summary>The versions in <c>If-Match</c>. Weak tags, and those that no version has, are in no list of versions: they match nothing (section 8.8.3.2).</summary>
    private static List<long> StrongTagsOf(HttpRequest request)
    {
        if (!EntityTagHeaderValue.TryParseStrictList(request.Headers.IfMatch, out var tags) || tags.Any(static tag => tag.Tag == "*"))
            throw new ProblemException(ErrorCodes.InvalidRequest, "If-Match is *, or versions as ETag gives them: \"7\".");
        var versions = new List<long>(tags.Count);
        foreach (var tag in tags)
        {
            if (!tag.IsWeak && EntityTag.TryRead(tag.Tag.AsSpan(), out var version) && version > 0 && !versions.Contains(version))
                versions.Add(version);
        }

        return versions;
    }
}
