using Savepoint.Engine.Reading;
using Savepoint.Engine.Watching;

namespace Savepoint.Engine.Units;

/// <summary>
/// Reads the version that a mutation brings back, and goes on with its unit. It runs before the unit takes any lock, and the unit may build on it whenever
/// it is carried out: a committed version never changes. That the edge reads the version and sends its document would not do: the repeat of a request whose
/// answer was lost must find its outcome also when the version has gone since, and a refusal for want of the version has to be remembered like any other.
/// </summary>
internal sealed class OldVersionReading(Unit unit, int mutation, Action<Unit> resume) : EntityReading
{
    public Unit Unit => unit;

    protected internal override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        unit.Mutations[mutation].Old = new OldVersion(snapshot.Document, refusal);
        resume(unit);
    }
}
