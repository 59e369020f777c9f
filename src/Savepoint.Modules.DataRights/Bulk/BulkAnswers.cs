using System.Text.Json;

namespace Savepoint.Modules.DataRights.Bulk;

// What bodies look like, for the description of the API; they are read and written by hand.

/// <summary>A bulk edit: either <c>operations</c> or an <c>intent</c>.</summary>
/// <param name="Kind">The kind of the entities.</param>
/// <param name="Where">Conditions that all have to hold; none for all entities.</param>
/// <param name="Operations">The changes to each.</param>
/// <param name="Intent">The intent that is asked for.</param>
/// <param name="Arguments">The intent's arguments.</param>
/// <param name="Message">What is left as a message where a session holds the entity against the change.</param>
/// <param name="Reason">Why, for the history and the audit log.</param>
/// <param name="PerSecond">The most entities that are changed in a second, 1 to 10,000; 100 where it is not there.</param>
internal sealed record BulkRequest(
    string Kind, BulkConditionRequest[]? Where, BulkOperationRequest[]? Operations, string? Intent, JsonElement? Arguments, JsonElement? Message, string? Reason, long? PerSecond);

/// <summary>A condition on a property: one that is not there meets none, but <c>!=</c>.</summary>
/// <param name="Path">The property.</param>
/// <param name="Op">One of <c>=</c>, <c>!=</c>, <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>exists</c>.</param>
/// <param name="Value">What it is compared with.</param>
internal sealed record BulkConditionRequest(string Path, string Op, JsonElement? Value);

/// <summary>One operation of a bulk edit.</summary>
/// <param name="Op"><c>set</c>, <c>remove</c> or <c>increment</c>.</param>
/// <param name="Path">The property.</param>
/// <param name="Value">Of <c>set</c>: the value.</param>
/// <param name="By">Of <c>increment</c>: what is added.</param>
internal sealed record BulkOperationRequest(string Op, string Path, JsonElement? Value, JsonElement? By);

/// <summary>A bulk edit that was started.</summary>
/// <param name="Id">Its id.</param>
internal sealed record BulkStartedAnswer(string Id);

/// <summary>All bulk edits.</summary>
/// <param name="Jobs">The jobs.</param>
internal sealed record BulkListAnswer(BulkStateAnswer[] Jobs);

/// <summary>A bulk edit.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State"><c>running</c>, <c>paused</c>, <c>cancelled</c> or <c>done</c>.</param>
internal sealed record BulkStateAnswer(string Id, string State);

/// <summary>How a bulk edit stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">The kind of the entities.</param>
/// <param name="State"><c>running</c>, <c>paused</c>, <c>cancelled</c> or <c>done</c>.</param>
/// <param name="By">Who it is done by.</param>
/// <param name="Reason">Why.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Changed">Entities that it has changed.</param>
/// <param name="Messaged">Entities that it has left a message for instead.</param>
/// <param name="Refused">Entities that it could not change.</param>
/// <param name="ShardsDone">How many shards it has gone through.</param>
/// <param name="Errors">The first refusals of each shard.</param>
internal sealed record BulkAnswer(
    string Id, string Kind, string State, string By, string? Reason, DateTimeOffset StartedAt, long Changed, long Messaged, long Refused, int ShardsDone, BulkErrorAnswer[] Errors);

/// <summary>A refusal.</summary>
/// <param name="Id">The entity's id.</param>
/// <param name="Code">The error's code.</param>
internal sealed record BulkErrorAnswer(string Id, string Code);
