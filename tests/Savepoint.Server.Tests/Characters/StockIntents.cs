using System.Text.Json.Nodes;
using Savepoint.Modules.Characters.Intents;

namespace Savepoint.Server.Tests.Characters;

/// <summary>All intents that come with the module, as their classes say; so that a new one is tested as all others are without being named anywhere.</summary>
internal static class StockIntents
{
    public static IReadOnlyList<IntentDefinition> All { get; } =
    [
        .. typeof(CharacterIntent).Assembly.GetTypes().Where(type => type is { IsAbstract: false } && type.IsSubclassOf(typeof(CharacterIntent)))
            .Select(type => ((CharacterIntent)Activator.CreateInstance(type)!).Definition),
    ];

    /// <summary>The example of an intent, without the version or with another.</summary>
    public static string ExampleOf(IntentDefinition intent, long? version = null)
    {
        var body = JsonNode.Parse(intent.Example)!.AsObject();
        body.Remove(CharacterIntent.Version);
        if (version is not null)
            body[CharacterIntent.Version] = version;
        return body.ToJsonString();
    }
}
