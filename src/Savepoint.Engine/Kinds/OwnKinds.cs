using Savepoint.Engine.Audit;
using Savepoint.Engine.Users;

namespace Savepoint.Engine.Kinds;

/// <summary>The kinds that Savepoint itself keeps: every engine knows them.</summary>
internal static class OwnKinds
{
    public static IReadOnlyList<Kind> All { get; } = [UserIndex.Kind, AuditLog.Kind];
}
