namespace Savepoint.Client;

/// <summary>A profile as it was at one version, to read only.</summary>
/// <typeparam name="T">A class marked with <see cref="ProfileAttribute"/>, or <see cref="Untyped"/>.</typeparam>
public sealed class ProfileView<T>
    where T : ProfileData, new()
{
    internal ProfileView(string kind, string id, long version, Document document)
    {
        (Kind, Id, Version, Document) = (kind, id, version, document);
        Data = new T();
        Data.Attach(new ViewHost(kind, id, document), Path.Root);
    }

    /// <summary>What the profile is.</summary>
    public string Kind { get; }

    /// <summary>Which one.</summary>
    public string Id { get; }

    /// <summary>The version.</summary>
    public long Version { get; }

    /// <summary>The document.</summary>
    public Document Document { get; }

    /// <summary>The data, to read; setting a property throws.</summary>
    public T Data { get; }

    /// <summary>The value at a path; absent if there is none.</summary>
    /// <param name="path">The path.</param>
    public Value this[Path path] => Document.TryGet(path, out var value) ? value : default;
}

/// <summary>A document that stays as it is.</summary>
internal sealed class ViewHost(string kind, string id, Document document) : DocumentHost(kind, id, static _ => { })
{
    protected override Document Document => document;

    protected override void Apply(DeltaWriter delta) =>
        throw new SavepointException(ClientErrorCodes.ReadOnly, "What is viewed can't be changed; open a session.") { Kind = Kind, Id = Id };
}
