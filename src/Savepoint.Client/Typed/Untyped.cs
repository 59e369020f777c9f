namespace Savepoint.Client;

/// <summary>No typed data: the profile is used by paths.</summary>
public sealed class Untyped : ProfileData
{
    private static readonly ProfileShape NoProperties = new([], []);

    /// <inheritdoc/>
    protected override ProfileShape Shape => NoProperties;

    /// <inheritdoc/>
    protected override bool HasTypedListeners => false;

    /// <inheritdoc/>
    protected override void WriteTemplate(MapBuilder template)
    {
    }

    /// <inheritdoc/>
    protected override void OnChange(int property, in DocumentChange change)
    {
    }
}
