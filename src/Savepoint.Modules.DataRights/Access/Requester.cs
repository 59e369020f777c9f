namespace Savepoint.Modules.DataRights;

/// <summary>Who asks for something that is audited.</summary>
/// <param name="Actor">As it stands in the history: <c>admin:root</c>.</param>
/// <param name="Address">From where; null where that is not known.</param>
/// <param name="Reason">Why, as it says; null for nothing.</param>
public sealed record Requester(string Actor, string? Address = null, string? Reason = null);
