using Savepoint.Hosting.OpenApi;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>Says which problems endpoints answer with, for the description of the API.</summary>
internal static class ProducedProblems
{
    /// <summary>What any of them may answer, since it reads and changes accounts.</summary>
    public static RouteHandlerBuilder ProducesEngineProblems(this RouteHandlerBuilder endpoint) => endpoint.ProducesEngineChanges();
}
