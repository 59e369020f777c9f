using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>
/// What the documents of a kind may hold: types, bounds, lengths, and which properties there are at all. Made by a <see cref="KindSchemaBuilder"/>. Whatever a
/// change touches has to fit it, else the change is refused whole and names the path; what was stored before and is not touched stays. Transient properties,
/// which no document holds, are not looked at. Immutable and safe for any thread.
/// </summary>
public sealed class KindSchema
{
    internal KindSchema(SchemaNode root) => Root = root;

    internal SchemaNode Root { get; }

    /// <summary>A schema with the types of a template's defaults.</summary>
    /// <param name="template">The template.</param>
    /// <param name="isStrict">Whether its maps take no properties but those that they have in the template; empty ones take any. The default value is true.</param>
    public static KindSchema Of(Template template, bool isStrict = true) => new KindSchemaBuilder().From(template, isStrict).Build();
}
