using Savepoint.Protocol.Messages;
using Savepoint.Streams.Errors;

namespace Savepoint.Hosting.Problems;

/// <summary>Ends a request with a problem, from wherever it is found that the request can't be served.</summary>
public sealed class ProblemException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="error">What the caller is told.</param>
    /// <param name="status">The status code; null for that of <see cref="HttpStatus"/>.</param>
    public ProblemException(Error error, int? status = null)
        : base(error.Message) => (Error, Status) = (error, status ?? HttpStatus.Of(error));

    /// <summary>Makes the exception.</summary>
    /// <param name="code">Stable, for programs.</param>
    /// <param name="detail">For people.</param>
    public ProblemException(string code, string detail)
        : this(RequestErrors.Of(code, detail))
    {
    }

    /// <summary>What the caller is told.</summary>
    public Error Error { get; }

    /// <summary>The status code.</summary>
    public int Status { get; }
}
