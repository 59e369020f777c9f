using Savepoint.Engine.Entities;

namespace Savepoint.Engine.Units;

/// <summary>What is known of an entity that can't be read, from its row and the journal: its repair goes on from there, and uses no number again.</summary>
/// <param name="Entity">The entity in memory for which it was read: of another one it says nothing.</param>
/// <param name="Version">Its newest version.</param>
/// <param name="Sequence">The sequence number of its newest record.</param>
/// <param name="Extras">What is to be kept beside its document: its last session, which is over, and its messages.</param>
internal sealed record RepairBase(Entity Entity, long Version, long Sequence, EntityExtras Extras);
