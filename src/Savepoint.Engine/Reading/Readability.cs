using Savepoint.Engine.Journal;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Reading;

/// <summary>A version and where the record before its own lies.</summary>
internal readonly record struct FoundVersion(VersionInfo Info, long PreviousSequence);

/// <summary>
/// Judges which versions <see cref="VersionHistory"/> can read: those that are kept whole, and those whose record and all between it and a whole copy
/// below are in the journal.
/// </summary>
internal sealed class Readability(IJournalStore journal, int shard, EntityChain chain, WholeVersions whole)
{
    private long _nextWhole;

    /// <summary>Judges a run of versions, oldest first.</summary>
    public async ValueTask<List<VersionInfo>> JudgeAsync(List<FoundVersion> versions)
    {
        var judged = new List<VersionInfo>(versions.Count);
        foreach (var found in versions)
            judged.Add(found.Info with { IsReadable = await IsReadableAsync(found, judged is [.., var before] ? before : null) });
        return judged;
    }

    private async ValueTask<bool> IsReadableAsync(FoundVersion found, VersionInfo? before)
    {
        if (!found.Info.HasRecord || found.Info.Version == 1)
            return true;
        if (before?.Version != found.Info.Version - 1)
            return await HasBaseAsync(found);
        return before.IsReadable || await IsWholeAsync(found.Info.Version);
    }

    private async ValueTask<bool> IsWholeAsync(long version)
    {
        if (_nextWhole < version)
            _nextWhole = (await whole.AtOrAboveAsync(version)).Version;
        return _nextWhole == version;
    }

    /// <summary>Whether the journal leads to a version from a whole copy at or below it, or from the entity's beginning.</summary>
    private async ValueTask<bool> HasBaseAsync(FoundVersion found)
    {
        var below = await whole.AtOrBelowAsync(found.Info.Version);
        if (below?.Version == found.Info.Version)
            return true;
        var until = below?.Sequence ?? 0;
        var sequence = found.PreviousSequence;
        if (sequence <= until)
            return true;

        // The journal goes from its oldest part on: where the first record after the copy is left, all are.
        if (await journal.ReadContainingAsync(shard, until + 1, CancellationToken.None) is not null)
            return true;
        while (sequence > until)
        {
            if (!await chain.MoveToAsync(sequence))
                return false;
            sequence = chain.Current.PreviousSequence;
        }

        return true;
    }
}
