using Savepoint.Engine.Entities;

namespace Savepoint.Engine.Watching;

/// <summary>
/// Which versions are told with the checksum of their document: every sixteenth, whoever made it and whether it is pushed or caught up on. So a watcher whose copy
/// has drifted knows after 16 changes at the latest, and a checksum, for which the whole document is encoded, costs a sixteenth of what one each time would.
/// </summary>
internal static class VersionChecksum
{
    /// <summary>One version in so many has one.</summary>
    public const int Every = 16;

    public static uint? Of(Entity entity) => entity.Version % Every == 0 ? entity.Document?.Checksum() : null;
}
