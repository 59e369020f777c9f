namespace Savepoint.Hosting;

/// <summary>A kind that was added by <see cref="SavepointBuilder.AddModuleKind"/>: it says nothing of which kinds the game itself has.</summary>
/// <param name="Name">The kind's name.</param>
public sealed record ModuleKind(string Name);
