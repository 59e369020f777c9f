namespace Savepoint.Hosting.Requests;

/// <summary>What the headers of a request say of the change that it asks for.</summary>
public static class ChangeHeaders
{
    /// <summary>The header that says why, for the history and the ledger.</summary>
    public const string Reason = "Savepoint-Reason";

    /// <summary>The header that ties the change to the request that caused it.</summary>
    public const string CorrelationId = "X-Correlation-Id";

    /// <summary>The reason that a request gives as a header; null for none.</summary>
    public static string? ReasonIn(HttpRequest request) => Lone(request, Reason);

    /// <summary>What there is to say of a request's unit.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reason">The reason, where something else than the header gives it: its body, or the endpoint, for those who may not choose. Null for that of the header.</param>
    /// <param name="address">From where it is asked for, where the audit log may have to say so; null for not.</param>
    /// <exception cref="Problems.ProblemException">The <see cref="IdempotencyKey"/> can't be one.</exception>
    public static UnitTerms TermsOf(HttpRequest request, string? reason = null, string? address = null) => new()
    {
        Reason = reason ?? ReasonIn(request),
        CorrelationId = Lone(request, CorrelationId),
        IdempotencyKey = IdempotencyKey.Read(request),
        Address = address,
    };

    private static string? Lone(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var value) && value.Count == 1 ? value[0] : null;
}
