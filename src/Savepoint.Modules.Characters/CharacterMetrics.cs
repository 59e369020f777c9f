using System.Diagnostics.Metrics;
using Savepoint.Protocol.Messages;

namespace Savepoint.Modules.Characters;

/// <summary>What the endpoints count, under the meter <c>Savepoint.Characters</c>.</summary>
internal sealed class CharacterMetrics : IDisposable
{
    private const string Ok = "ok";

    private readonly Meter _meter = new("Savepoint.Characters");
    private readonly Counter<long> _intents;

    public CharacterMetrics() =>
        _intents = _meter.CreateCounter<long>("savepoint.characters.intents", "{intent}", "Answered intents of characters, with create and delete, by the code of their outcome.");

    /// <summary>An intent was answered. Both names are of few: the caller's own words never get here.</summary>
    public void Answered(string intent, Error? error) =>
        _intents.Add(1, new KeyValuePair<string, object?>("intent", intent), new KeyValuePair<string, object?>("outcome", error?.Code ?? Ok));

    public void Dispose() => _meter.Dispose();
}
