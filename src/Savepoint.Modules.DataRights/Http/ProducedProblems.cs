using Savepoint.Hosting.OpenApi;
using Savepoint.Protocol;

namespace Savepoint.Modules.DataRights;

/// <summary>Says which problems endpoints answer with, for the description of the API.</summary>
internal static class ProducedProblems
{
    private static readonly string[] OfReads =
    [
        ErrorCodes.Quarantined, ErrorCodes.HookFailed, ErrorCodes.LoadTimeout, ErrorCodes.EntityBusy, ErrorCodes.Overloaded, ErrorCodes.Unavailable, ErrorCodes.ShuttingDown,
        ErrorCodes.NotOwner,
    ];

    public static RouteHandlerBuilder ProducesReadProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesProblems(OfReads);

    /// <summary>Of those that write, if only to the audit log.</summary>
    public static RouteHandlerBuilder ProducesWriteProblems(this RouteHandlerBuilder endpoint) => endpoint
        .ProducesReadProblems()
        .ProducesProblems(ErrorCodes.OutcomeUnknown);
}
