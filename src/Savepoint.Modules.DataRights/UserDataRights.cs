using Savepoint.Engine;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting.Users;

namespace Savepoint.Modules.DataRights;

/// <summary>What is kept of users: found, exported, erased, with an audit log of it. Its members may be used by several at once.</summary>
public sealed class UserDataRights
{
    /// <summary>Makes it.</summary>
    /// <param name="engine">What takes requests.</param>
    /// <param name="kinds">The kinds that the engine was made with.</param>
    /// <param name="options">Say how many shards there are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="records">What modules keep of users in kinds that they alone can tell of; null for none.</param>
    public UserDataRights(IStateEngine engine, KindRegistry kinds, EngineOptions options, TimeProvider time, IEnumerable<IUserRecords>? records = null)
    {
        IUserRecords[] all = [.. records ?? []];
        var access = new EngineAccess(engine, kinds, options, time);
        Audit = new AuditTrail(access);
        Entities = new UserEntities(access);
        Export = new UserExport(access, Entities, Audit, all);
        Erasure = new UserErasure(access, Entities, Audit, all);
        Repair = new EntityRepair(access, Audit);
    }

    /// <summary>The audit log.</summary>
    public AuditTrail Audit { get; }

    /// <summary>Finds what holds data of a user.</summary>
    public UserEntities Entities { get; }

    /// <summary>Writes everything that is kept of a user.</summary>
    public UserExport Export { get; }

    /// <summary>Erases everything that is kept of a user.</summary>
    public UserErasure Erasure { get; }

    /// <summary>Repairs what can't be read.</summary>
    public EntityRepair Repair { get; }
}
