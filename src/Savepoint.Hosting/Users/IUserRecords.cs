using System.Text.Json;
using Savepoint.Engine;

namespace Savepoint.Hosting.Users;

/// <summary>
/// What a module keeps of users in kinds of its own that hold secrets, and that nobody but the module can tell of: exports and erasures ask it. Register as many as there are.
/// </summary>
public interface IUserRecords
{
    /// <summary>What an export calls it: a name of its own, such as <c>account</c>.</summary>
    string Name { get; }

    /// <summary>Writes what is kept of a user, without secrets.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="json">Takes one value; null where nothing is kept.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="Problems.ProblemException">It can't be read now.</exception>
    Task WriteAsync(string userId, Utf8JsonWriter json, CancellationToken cancellationToken);

    /// <summary>
    /// Erases what is kept of a user, all of it or nothing; finds done what was done before. Where what held it together is lost, as after a repair, there is nothing that a part of
    /// it could contradict: then what can be read is erased, whatever else can't.
    /// </summary>
    /// <param name="userId">The user.</param>
    /// <param name="actor">Who asks for it, for the history.</param>
    /// <param name="cancellationToken">Ends it before anything is done.</param>
    /// <returns>What was erased, and what is left.</returns>
    /// <exception cref="Problems.ProblemException">It can't be done now; it can be run again.</exception>
    Task<ErasedRecords> EraseAsync(string userId, string actor, CancellationToken cancellationToken);
}

/// <summary>What came of an erasure of what a module keeps of a user.</summary>
/// <param name="Erased">What was erased; empty where there was nothing.</param>
/// <param name="Unreadable">What can't be read and is the user's, or may be: repair it, and run it again. Until then the erasure is not complete.</param>
public sealed record ErasedRecords(IReadOnlyList<EntityKey> Erased, IReadOnlyList<EntityKey> Unreadable)
{
    /// <summary>There was nothing to erase.</summary>
    public static readonly ErasedRecords Nothing = new([], []);
}
