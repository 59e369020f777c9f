namespace Savepoint.Engine.Kinds;

/// <summary>An intent as a class of its own, for those that need more than a line. It must be pure, as <see cref="IntentHandler"/> says.</summary>
public interface IIntent
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Writes what changes to <see cref="IntentContext.Delta"/>, or refuses.</summary>
    /// <param name="context">The entity and the arguments.</param>
    /// <returns>A stable code that says why it is refused; null when it is carried out.</returns>
    string? Handle(IntentContext context);
}
