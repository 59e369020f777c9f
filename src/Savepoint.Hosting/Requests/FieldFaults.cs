using Savepoint.Hosting.Problems;

namespace Savepoint.Hosting.Requests;

/// <summary>What can be wrong with the fields of a body: the sentences that all readers of bodies have in common. Each takes the place of the field: <c>operations[2].path</c>.</summary>
public static class FieldFaults
{
    /// <summary>It has to be there.</summary>
    public static ProblemException Missing(string place) => JsonFields.Invalid(place, "is missing");

    /// <summary>It is there twice.</summary>
    public static ProblemException Twice(string place) => JsonFields.Invalid(place, "is there twice");

    /// <summary>Nobody has asked for it.</summary>
    public static ProblemException Unknown(string place) => JsonFields.Invalid(place, "is not known here");

    /// <summary>It is no text.</summary>
    public static ProblemException NotText(string place) => JsonFields.Invalid(place, "has to be a text");

    /// <summary>It is no whole number, or a larger one than 64 bits hold.</summary>
    public static ProblemException NotWhole(string place) => JsonFields.Invalid(place, "has to be a whole number of 64 bits");

    /// <summary>It is neither true nor false.</summary>
    public static ProblemException NotFlag(string place) => JsonFields.Invalid(place, "has to be true or false");

    /// <summary>It is JSON and still no text: an escaped lone surrogate, or bytes that are no UTF-8.</summary>
    public static ProblemException NoUnicode(string place) => JsonFields.Invalid(place, "is no valid Unicode");

    /// <summary>The same of a field's name.</summary>
    /// <param name="place">Where its object stands.</param>
    public static ProblemException NameNoUnicode(string place) => JsonFields.Invalid(place, "has a field whose name is no valid Unicode");
}
