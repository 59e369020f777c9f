using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Engine.Kinds;

/// <summary>All kinds that an engine knows.</summary>
public sealed class KindRegistry
{
    private readonly FrozenDictionary<string, Kind> _kinds;
    private readonly Kind[] _few;

    /// <summary>Makes a registry.</summary>
    /// <exception cref="ArgumentException">A name is malformed or used twice, or a kind's parts do not fit together.</exception>
    public KindRegistry(IEnumerable<Kind> kinds)
    {
        var byName = new Dictionary<string, Kind>(StringComparer.Ordinal);
        foreach (var own in OwnKinds.All)
            byName.Add(own.Name, own);
        foreach (var kind in kinds)
        {
            if (!IsName(kind.Name))
                throw new ArgumentException($"'{kind.Name}' can't name a kind: 1 to 64 lower-case letters, digits, '_' and '-' can.", nameof(kinds));
            if (KindCheck.Check(kind) is { } error)
                throw new ArgumentException(error, nameof(kinds));
            if (!byName.TryAdd(kind.Name, kind))
                throw new ArgumentException($"Two kinds are named '{kind.Name}'.", nameof(kinds));
        }

        _kinds = byName.ToFrozenDictionary(StringComparer.Ordinal);
        _few = byName.Count <= 12 ? [.. byName.Values] : [];
    }

    /// <summary>All of them, with Savepoint's own, in no order.</summary>
    public IReadOnlyCollection<Kind> All => _kinds.Values;

    /// <summary>Finds a kind.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out Kind? kind)
    {
        // The edges hand in the kinds' own strings mostly, and a unit looks its kinds up more than once.
        foreach (var known in _few)
        {
            if (ReferenceEquals(known.Name, name))
            {
                kind = known;
                return true;
            }
        }

        return _kinds.TryGetValue(name, out kind);
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 and <= 64 } && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-');
}
