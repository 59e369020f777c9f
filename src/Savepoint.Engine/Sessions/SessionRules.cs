using Savepoint.Documents;
using Savepoint.Engine.Entities;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Sessions;

/// <summary>Who may write an entity that has, or had, a session (I5).</summary>
internal static class SessionRules
{
    public static Refusal? Check(Unit unit, in Mutation mutation, Entity entity)
    {
        var session = entity.Extras?.Session;
        if (mutation.Session != 0)
        {
            return session is { IsActive: true } && session.Number == mutation.Session && session.Writer == unit.Writer
                ? null
                : Lost(session);
        }

        if (session is not { IsActive: true } || !entity.Kind.SessionsExclude || IsOpenToAll(mutation))
            return null;
        return new Refusal(RefusalCode.SessionRequired) { Holder = session.Holder };
    }

    public static Refusal Lost(SessionState? session) =>
        new(RefusalCode.SessionLost) { Holder = session is { IsActive: true } ? session.Holder : null };

    /// <summary>
    /// Messages, deltas of increments and nothing else (one at least), and Savepoint's own intents, whose properties the holder's changes can't touch: they go with whatever the
    /// holder does. An erasure waits for nobody.
    /// </summary>
    private static bool IsOpenToAll(in Mutation mutation)
    {
        if (mutation.Kind != MutationKind.Delta)
            return mutation.Kind is MutationKind.Message or MutationKind.Erase || (mutation.Kind == MutationKind.Intent && OwnIntents.TryGet(mutation.Intent!, out _));
        try
        {
            var reader = new DeltaReader(mutation.Payload.Span);
            foreach (var operation in reader)
            {
                if (operation.Kind != OperationKind.Increment)
                    return false;
            }

            return reader.OperationCount > 0;
        }
        catch (DocumentException)
        {
            // Malformed: applying it says so more precisely.
            return true;
        }
    }
}
