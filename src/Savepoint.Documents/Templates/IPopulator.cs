namespace Savepoint.Documents;

/// <summary>Adds one section of defaults to a template. One class each, so that a game composes its profile from parts.</summary>
public interface IPopulator
{
    /// <summary>Sets the section's defaults.</summary>
    /// <param name="template">The template in the making.</param>
    void Populate(TemplateBuilder template);
}
