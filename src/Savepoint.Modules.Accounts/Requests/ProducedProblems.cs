using Savepoint.Hosting.OpenApi;
using Savepoint.Protocol;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>Says which problems endpoints answer with, for the description of the API.</summary>
internal static class ProducedProblems
{
    private static readonly string[] OfEngine =
    [
        ErrorCodes.Quarantined, ErrorCodes.HookFailed, ErrorCodes.LoadTimeout, ErrorCodes.EntityBusy, ErrorCodes.Overloaded, ErrorCodes.Unavailable, ErrorCodes.ShuttingDown,
        ErrorCodes.NotOwner, ErrorCodes.OutcomeUnknown,
    ];

    /// <summary>What any of them may answer, since it reads and changes accounts.</summary>
    public static RouteHandlerBuilder ProducesEngineProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesProblems(OfEngine);
}
