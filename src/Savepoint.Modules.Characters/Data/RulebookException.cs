namespace Savepoint.Modules.Characters.Data;

/// <summary>Something wrong in a rulebook's file.</summary>
/// <param name="Place">Where, such as <c>weapons[3].damage</c>; empty for the file as a whole.</param>
/// <param name="Problem">What is wrong.</param>
public readonly record struct RulebookError(string Place, string Problem)
{
    /// <summary>The place and the problem.</summary>
    public override string ToString() => Place.Length == 0 ? Problem : $"{Place}: {Problem}";
}

/// <summary>A rulebook can't be used. It names everything that is wrong, at once.</summary>
/// <param name="errors">All that is wrong.</param>
public sealed class RulebookException(IReadOnlyList<RulebookError> errors)
    : Exception($"The rulebook has {errors.Count} errors:{Environment.NewLine}{string.Join(Environment.NewLine, errors)}")
{
    /// <summary>All that is wrong, in the order of the file.</summary>
    public IReadOnlyList<RulebookError> Errors { get; } = errors;
}
