using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>The top-level keys of documents that begin with <c>$</c>: they are Savepoint's own, and no delta, intent, hook or template of others has them.</summary>
public static class ReservedKeys
{
    /// <summary>The template version to which a document was last migrated, an integer; absent for 0.</summary>
    public const string Template = "$template";

    /// <summary>The users whose data a document holds: when each was tagged, by user id.</summary>
    public const string Users = "$users";

    private const byte Mark = (byte)'$';

    private static ReadOnlySpan<byte> ClearOfRoot => [(byte)OperationKind.Clear, 0];

    /// <summary>Whether a top-level key is one of them.</summary>
    public static bool Is(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith('$');
    }

    /// <summary>Whether a document has one of them.</summary>
    public static bool AreIn(Document document)
    {
        ArgumentNullException.ThrowIfNull(document);
        foreach (var (key, _) in document.Root)
        {
            if (Is(key))
                return true;
        }

        return false;
    }

    /// <summary>Finds an operation of a delta that would change one of them.</summary>
    /// <param name="delta">The delta; what is none is for its application to refuse.</param>
    /// <param name="document">What it is to be applied to.</param>
    /// <param name="limits">The limits that the delta has to keep.</param>
    /// <returns>The operation's path, empty for that of the whole document; null for none.</returns>
    internal static string? FindTouched(ReadOnlySpan<byte> delta, Document document, DocumentLimits limits)
    {
        // Most deltas have neither the mark nor what looks like emptying a document anywhere: that is seen 32 bytes at a time.
        if ((!delta.Contains(Mark) && delta.IndexOf(ClearOfRoot) < 0) || Delta.Validate(delta, limits) != DocumentError.None)
            return null;
        foreach (var operation in new DeltaReader(delta))
        {
            if (operation.Path.Count == 0 ? AreIn(document) : operation.Path.First.Utf8Key is [Mark, ..])
                return operation.Path.ToPath().ToString();
        }

        return null;
    }
}
