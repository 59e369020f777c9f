using Savepoint.Documents;

namespace Savepoint.Engine.Kinds;

/// <summary>Where a document does not fit its schema.</summary>
internal readonly record struct SchemaFault(DocumentError Error, string Path);
