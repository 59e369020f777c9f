using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;

namespace Savepoint.Streams.Templates;

/// <summary>
/// Remembers with which templates the game servers that are connected open their sessions, and finds those that don't agree on what a profile is: two with
/// different templates of one kind and template version. What one has declared is forgotten with its last connection. A kind that has a template of its own uses no
/// other, so there is nothing to compare; nor where a game server declares none. Safe for concurrent use.
/// </summary>
internal sealed class TemplateTable(KindRegistry kinds)
{
    // Kinds times versions that are in use at the same time: a game has a few. Beyond that nothing is compared.
    private const int MaxTemplates = 64;

    // Of a larger one only the checksum is kept, and the path at which others differ can't be told.
    private const int MaxKeptBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, uint Version), Declared> _declared = [];

    /// <summary>Notes with which template a connection opens a session.</summary>
    /// <returns>Why it can't: another game server has another one.</returns>
    public Error? Declare(StreamConnection connection, OpenSession open)
    {
        var template = open.Template;
        if (template.IsEmpty || !kinds.TryGet(open.Kind, out var kind) || kind.Template is not null)
            return null;
        var key = (kind.Name, open.TemplateVersion);
        lock (_gate)
        {
            if (_declared.TryGetValue(key, out var declared) && declared.Is(template))
            {
                declared.Add(connection);
                return null;
            }

            if (Document.TryDecode(template.Span, kind.Limits, out var document) != DocumentError.None || document!.Root.Count == 0)
                return null;
            if (declared is null && _declared.Count >= MaxTemplates)
                return null;
            if (declared?.FindOther(connection) is { } other)
            {
                // A session that goes on goes on: it is no time to find fault with its server.
                return open.Resume == 0 ? Mismatch(open, other, declared.FirstDifference(document, kind.Limits)) : null;
            }

            _declared[key] = new Declared(template, connection);
            return null;
        }
    }

    /// <summary>Forgets what a connection that has ended has declared.</summary>
    public void Forget(StreamConnection connection)
    {
        lock (_gate)
        {
            foreach (var (key, declared) in _declared.ToArray())
            {
                if (declared.Remove(connection))
                    _declared.Remove(key);
            }
        }
    }

    private static Error Mismatch(OpenSession open, string other, Documents.Path? path)
    {
        var version = open.TemplateVersion == 0 ? "without a template version" : $"of template version {open.TemplateVersion}";
        var where = path is null ? "" : $" They differ first at '{path}'.";
        var error = RequestErrors.Of(ErrorCodes.TemplateMismatch, $"The game server '{other}' opens sessions of '{open.Kind}' with another template {version}.{where}");
        (error.Kind, error.Id, error.Holder, error.Path) = (open.Kind, open.Id, other, path?.ToString() ?? "");
        return error;
    }

    /// <summary>A template, and the connections that open sessions with it.</summary>
    private sealed class Declared(ByteString template, StreamConnection first)
    {
        private readonly uint _checksum = Crc32C.Compute(template.Span);
        private readonly int _length = template.Length;
        private readonly byte[]? _kept = template.Length <= MaxKeptBytes ? template.ToByteArray() : null;
        private readonly List<StreamConnection> _connections = [first];

        public bool Is(ByteString other) => _kept is not null
            ? other.Span.SequenceEqual(_kept)
            : other.Length == _length && Crc32C.Compute(other.Span) == _checksum;

        public void Add(StreamConnection connection)
        {
            if (!_connections.Contains(connection))
                _connections.Add(connection);
        }

        /// <returns>Whether it was the last one.</returns>
        public bool Remove(StreamConnection connection) => _connections.Remove(connection) && _connections.Count == 0;

        /// <summary>The name of another game server; a new build of the same one takes the place of its own.</summary>
        public string? FindOther(StreamConnection connection) =>
            _connections.Find(other => other.Principal.Name != connection.Principal.Name)?.Principal.Name;

        public Documents.Path? FirstDifference(Document other, DocumentLimits limits) =>
            _kept is not null && Document.TryDecode(_kept, limits, out var own) == DocumentError.None ? DocumentDifference.First(own!, other) : null;
    }
}
