using Savepoint.Protocol;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Says which problems of the engine endpoints answer with, whatever they ask of it, for the description of the API.</summary>
public static class EngineProblems
{
    private static readonly string[] OfReads =
    [
        ErrorCodes.Quarantined, ErrorCodes.HookFailed, ErrorCodes.LoadTimeout, ErrorCodes.EntityBusy, ErrorCodes.Overloaded, ErrorCodes.Unavailable, ErrorCodes.ShuttingDown,
        ErrorCodes.NotOwner,
    ];

    /// <summary>The endpoint reads entities.</summary>
    public static TBuilder ProducesEngineReads<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.ProducesProblems(OfReads);

    /// <summary>The endpoint changes entities, and reads them.</summary>
    public static TBuilder ProducesEngineChanges<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.ProducesEngineReads().ProducesProblems(ErrorCodes.OutcomeUnknown);
}
