namespace Savepoint.Documents;

/// <summary>Why a value, document, path or delta was refused. <see cref="DocumentErrors.Code"/> gives the stable text form.</summary>
public enum DocumentError : byte
{
    /// <summary>Nothing was refused.</summary>
    None = 0,

    /// <summary>A double is NaN or infinite.</summary>
    NotFinite = 1,

    /// <summary>A string or key holds NUL, a lone surrogate or invalid UTF-8.</summary>
    InvalidString = 2,

    /// <summary>A map key is longer than <see cref="DocumentLimits.MaxKeyLength"/>.</summary>
    KeyTooLong = 3,

    /// <summary>Maps and lists are nested deeper than <see cref="DocumentLimits.MaxDepth"/>.</summary>
    TooDeep = 4,

    /// <summary>A document or delta has more bytes than its limit allows.</summary>
    TooLarge = 5,

    /// <summary>A list, map or delta has more items than its limit allows.</summary>
    TooManyItems = 6,

    /// <summary>A value is of another kind than the operation needs.</summary>
    WrongType = 7,

    /// <summary>The path leads to nothing.</summary>
    PathNotFound = 8,

    /// <summary>A list has no item at the index.</summary>
    IndexOutOfRange = 9,

    /// <summary>A number left the range of its type.</summary>
    Overflow = 10,

    /// <summary>An increment would leave its minimum or maximum, or a number the bounds of its kind's schema.</summary>
    OutOfBounds = 11,

    /// <summary>Bytes are not the one valid encoding of anything.</summary>
    Malformed = 12,

    /// <summary>The format byte is of a version that this code does not read.</summary>
    UnsupportedFormat = 13,

    /// <summary>A path's text can't be read, or the operation can't have this path.</summary>
    InvalidPath = 14,

    /// <summary>The text is not the JSON form of a document.</summary>
    InvalidJson = 15,

    /// <summary>Null, or an absent value, where a value has to be.</summary>
    NullValue = 16,

    /// <summary>A map has one key twice, or two template sections set one path.</summary>
    DuplicateKey = 17,

    /// <summary>The kind's schema knows no property of this name, and takes no others.</summary>
    UnknownProperty = 18,

    /// <summary>The top-level key begins with <c>$</c>: such properties are Savepoint's own, and nobody else changes them.</summary>
    Reserved = 19,
}

/// <summary>The stable codes of <see cref="DocumentError"/>.</summary>
public static class DocumentErrors
{
    /// <summary>The stable code, such as <c>document.too_large</c>; <c>document.none</c> when nothing was refused.</summary>
    /// <param name="error">The error.</param>
    /// <returns>The code. It never changes once released.</returns>
    public static string Code(this DocumentError error) => error switch
    {
        DocumentError.None => "document.none",
        DocumentError.NotFinite => "document.not_finite",
        DocumentError.InvalidString => "document.invalid_string",
        DocumentError.KeyTooLong => "document.key_too_long",
        DocumentError.TooDeep => "document.too_deep",
        DocumentError.TooLarge => "document.too_large",
        DocumentError.TooManyItems => "document.too_many_items",
        DocumentError.WrongType => "document.wrong_type",
        DocumentError.PathNotFound => "document.path_not_found",
        DocumentError.IndexOutOfRange => "document.index_out_of_range",
        DocumentError.Overflow => "document.overflow",
        DocumentError.OutOfBounds => "document.out_of_bounds",
        DocumentError.Malformed => "document.malformed",
        DocumentError.UnsupportedFormat => "document.unsupported_format",
        DocumentError.InvalidPath => "document.invalid_path",
        DocumentError.InvalidJson => "document.invalid_json",
        DocumentError.NullValue => "document.null_value",
        DocumentError.DuplicateKey => "document.duplicate_key",
        DocumentError.UnknownProperty => "document.unknown_property",
        DocumentError.Reserved => "document.reserved",
        _ => "document.unknown",
    };
}
