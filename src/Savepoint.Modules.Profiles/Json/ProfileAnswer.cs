using System.Text.Json;

namespace Savepoint.Modules.Profiles.Json;

// What answers look like, for the description of the API; they are written by hand, so that numbers keep their types.

/// <summary>A profile.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
/// <param name="Version">The version of the document.</param>
/// <param name="Document">The document.</param>
internal sealed record ProfileAnswer(string Kind, string Id, long Version, JsonElement Document);

/// <summary>What a change has made.</summary>
/// <param name="Kind">The profile's kind.</param>
/// <param name="Id">The profile's id.</param>
/// <param name="Version">The version that it made.</param>
internal sealed record ChangeAnswer(string Kind, string Id, long Version);
