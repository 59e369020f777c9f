using System.Text.Json;

namespace Savepoint.Modules.Profiles.Json;

// What bodies of requests look like, for the description of the API; they are read by hand, so that numbers keep their types and faults have places.

/// <summary>One operation of a change.</summary>
/// <param name="Op"><c>set</c>, <c>remove</c>, <c>increment</c>, <c>insert</c> or <c>clear</c>.</param>
/// <param name="Path">The property: <c>currency.gold</c>, <c>items[3].name</c>, <c>stats["a.b"]</c>.</param>
/// <param name="Value">Of <c>set</c> and <c>insert</c>: the value.</param>
/// <param name="By">Of <c>increment</c>: what is added; an integer, or a number with a point.</param>
/// <param name="Min">Of <c>increment</c>: the least that may come of it.</param>
/// <param name="Max">Of <c>increment</c>: the most that may come of it.</param>
internal sealed record OperationRequest(string Op, string Path, JsonElement? Value, JsonElement? By, JsonElement? Min, JsonElement? Max);

/// <summary>One change of several. It asks for exactly one of <c>operations</c>, <c>intent</c>, <c>message</c>, <c>restoreVersion</c> and <c>remove</c>.</summary>
internal record MutationRequest
{
    /// <summary>The profile's id.</summary>
    public required string Id { get; init; }

    /// <summary>The profile's kind; <c>profile</c> where it is not there.</summary>
    public string? Kind { get; init; }

    /// <summary>The version that the profile has to be at.</summary>
    public long? ExpectedVersion { get; init; }

    /// <summary>Changes that are made together.</summary>
    public OperationRequest[]? Operations { get; init; }

    /// <summary>Whether a profile that does not exist is made; with operations or an intent.</summary>
    public bool? Create { get; init; }

    /// <summary>What a new one starts from, where its kind has no template.</summary>
    public JsonElement? Template { get; init; }

    /// <summary>The intent that is asked for.</summary>
    public string? Intent { get; init; }

    /// <summary>The intent's arguments.</summary>
    public JsonElement? Arguments { get; init; }

    /// <summary>A message that is left.</summary>
    public JsonElement? Message { get; init; }

    /// <summary>A version that is brought back.</summary>
    public long? RestoreVersion { get; init; }

    /// <summary>Whether the profile is removed.</summary>
    public bool? Remove { get; init; }
}
