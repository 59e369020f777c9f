using System.Text.Json;

namespace Savepoint.Modules.DataRights;

// What answers look like, for the description of the API; they are written by hand.

/// <summary>An entity.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
internal sealed record EntityAnswer(string Kind, string Id);

/// <summary>Entities that hold data of a user.</summary>
/// <param name="User">The user.</param>
/// <param name="Entities">The entities.</param>
internal sealed record UserEntitiesAnswer(string User, UserEntityAnswer[] Entities);

/// <summary>An entity that holds data of a user.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
/// <param name="Tagged">Whether the user is tagged on it.</param>
/// <param name="Owned">Whether the user owns it, by its id.</param>
internal sealed record UserEntityAnswer(string Kind, string Id, bool Tagged, bool Owned);

/// <summary>Everything that is kept of a user.</summary>
/// <param name="User">The user.</param>
/// <param name="At">When the export was made.</param>
/// <param name="Entities">The entities, each with its document, session, messages and history; or why it can't be read.</param>
/// <param name="Records">What modules keep of the user in kinds that nobody sees, such as the account; without secrets.</param>
/// <param name="Complete">The last property: without it the export broke off.</param>
internal sealed record ExportAnswer(string User, DateTimeOffset At, ExportedAnswer[] Entities, IReadOnlyDictionary<string, JsonElement> Records, bool Complete);

/// <summary>What is kept of one entity.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
/// <param name="Tagged">Whether the user is tagged on it.</param>
/// <param name="Owned">Whether the user owns it, by its id.</param>
/// <param name="Unreadable">The code of the error, where it can't be read.</param>
/// <param name="Version">Its version.</param>
/// <param name="Document">The document; null where it was removed.</param>
/// <param name="Session">Its session, if it ever had one.</param>
/// <param name="Messages">Unprocessed messages.</param>
/// <param name="History">Who changed it when and why, as far as the journal reaches back.</param>
internal sealed record ExportedAnswer(
    string Kind, string Id, bool Tagged, bool Owned, string? Unreadable, long? Version, JsonElement? Document, JsonElement? Session, JsonElement[]? Messages, JsonElement[]? History);

/// <summary>What came of an erasure.</summary>
/// <param name="User">The user.</param>
/// <param name="Complete">Whether all that there was is erased or untagged.</param>
/// <param name="Erased">Entities of which nothing is left to be read.</param>
/// <param name="Untagged">Entities that hold data of others too: they lost the user's tag and nothing else.</param>
/// <param name="Unreadable">Entities that can't be read, and so can't be erased: repair them, and run it again.</param>
internal sealed record ErasureAnswer(string User, bool Complete, EntityAnswer[] Erased, EntityAnswer[] Untagged, EntityAnswer[] Unreadable);

/// <summary>A page of the audit log.</summary>
/// <param name="Entries">The entries; there may be none although there is a next page.</param>
/// <param name="Next">The <c>position</c> of the next page; null on the last.</param>
internal sealed record AuditAnswer(AuditEntryAnswer[] Entries, string? Next);

/// <summary>An entry of the audit log.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What was done.</param>
/// <param name="Target">With what.</param>
/// <param name="Address">From where it was asked for.</param>
/// <param name="Reason">Why.</param>
/// <param name="Before">What there was.</param>
/// <param name="After">What came of it.</param>
internal sealed record AuditEntryAnswer(DateTimeOffset? At, string Actor, string Action, string Target, string? Address, string? Reason, JsonElement? Before, JsonElement? After);

/// <summary>A page of the entities that can't be read.</summary>
/// <param name="Entities">The entities.</param>
/// <param name="Next">The <c>position</c> of the next page; null on the last.</param>
internal sealed record QuarantineAnswer(QuarantinedAnswer[] Entities, string? Next);

/// <summary>An entity that can't be read.</summary>
/// <param name="Shard">Its shard.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Id">Its id.</param>
/// <param name="Version">The version that is stored.</param>
/// <param name="At">When that was stored.</param>
/// <param name="Error">What is wrong with it.</param>
internal sealed record QuarantinedAnswer(int Shard, string Kind, string Id, long Version, DateTimeOffset At, string? Error);

/// <summary>What a repair has made.</summary>
/// <param name="Kind">The entity's kind.</param>
/// <param name="Id">The entity's id.</param>
/// <param name="Version">The version that it has now.</param>
internal sealed record RepairAnswer(string Kind, string Id, long Version);
