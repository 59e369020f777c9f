using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Savepoint.Hosting.OpenApi;

/// <summary>
/// What the doc comments of a program say, from the files that the compiler writes beside it: so the description of the API says the same as the code. Where there is no
/// file, nothing is said.
/// </summary>
internal sealed partial class XmlDocumentation
{
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, XElement>> _assemblies = new(StringComparer.Ordinal);

    /// <summary>The summary of a type; null for none.</summary>
    public string? SummaryOf(Type type) => Text(Find(type.Assembly.GetName().Name, $"T:{NameOf(type)}")?.Element("summary"));

    /// <summary>What a type says of one of its properties, which may be a parameter of a record; null for nothing.</summary>
    public string? PropertyOf(Type type, string name)
    {
        for (var declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            var assembly = declaring.Assembly.GetName().Name;
            var parameter = Find(assembly, $"T:{NameOf(declaring)}")?.Elements("param").FirstOrDefault(param => param.Attribute("name")?.Value == name);
            if (Text(parameter ?? Find(assembly, $"P:{NameOf(declaring)}.{name}")?.Element("summary")) is { } text)
                return text;
        }

        return null;
    }

    /// <summary>The summary of a field; null for none.</summary>
    public string? FieldOf(Type type, string name) => Text(Find(type.Assembly.GetName().Name, $"F:{NameOf(type)}.{name}")?.Element("summary"));

    private static string NameOf(Type type) => type.FullName?.Replace('+', '.') ?? type.Name;

    private XElement? Find(string? assembly, string member) =>
        assembly is not null && _assemblies.GetOrAdd(assembly, Read).TryGetValue(member, out var element) ? element : null;

    private static IReadOnlyDictionary<string, XElement> Read(string assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly}.xml");
        var members = new Dictionary<string, XElement>(StringComparer.Ordinal);
        if (!File.Exists(path))
            return members;
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            if (member.Attribute("name") is { } name)
                members.TryAdd(name.Value, member);
        }

        return members;
    }

    /// <summary>As Markdown, which descriptions are written in.</summary>
    private static string? Text(XElement? element)
    {
        if (element is null)
            return null;
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            if (node is XText plain)
                text.Append(plain.Value);
            else if (node is XElement { Name.LocalName: "c" } code)
                text.Append('`').Append(code.Value).Append('`');
            else if (node is XElement { Name.LocalName: "see" } see)
                text.Append(see.Attribute("cref")?.Value.Split('.')[^1]);
            else if (node is XElement { Name.LocalName: "paramref" } parameter)
                text.Append(parameter.Attribute("name")?.Value);
        }

        var joined = Spaces().Replace(text.ToString(), " ").Trim();
        return joined.Length == 0 ? null : joined;
    }

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Spaces();
}
