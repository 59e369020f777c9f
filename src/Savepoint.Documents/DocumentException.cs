namespace Savepoint.Documents;

/// <summary>A value, document, path or delta was refused. Whatever it was meant for is unchanged.</summary>
public sealed class DocumentException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">Why; not <see cref="DocumentError.None"/>.</param>
    /// <param name="path">Where, if known.</param>
    /// <param name="detail">What more there is to say, for people.</param>
    public DocumentException(DocumentError error, Path? path = null, string? detail = null)
        : base(Describe(error, path, detail))
    {
        Error = error;
        Path = path;
    }

    /// <summary>Why it was refused.</summary>
    public DocumentError Error { get; }

    /// <summary>Where in the document; null when that is unknown or the whole document is meant.</summary>
    public Path? Path { get; }

    internal static void ThrowIfRefused(DocumentError error)
    {
        if (error != DocumentError.None)
            throw new DocumentException(error);
    }

    private static string Describe(DocumentError error, Path? path, string? detail)
    {
        var where = path is null ? "" : $" at '{path}'";
        return detail is null ? error.Code() + where : $"{error.Code()}{where}: {detail}";
    }
}
