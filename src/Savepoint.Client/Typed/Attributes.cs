namespace Savepoint.Client;

/// <summary>
/// Makes a partial class a typed profile: its partial properties are kept in the profile's document, and what is set is saved. Properties may be
/// <c>long</c>, <c>int</c>, <c>double</c>, <c>bool</c>, <c>string</c>, <see cref="DateTimeOffset"/>, <see cref="ReadOnlyMemory{T}"/> of bytes, an
/// enum, any of these as nullable, <see cref="TrackedList{T}"/>, <see cref="TrackedMap{T}"/>, and classes marked with
/// <see cref="ProfileSectionAttribute"/>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProfileAttribute : Attribute
{
    /// <summary>
    /// Counts the template, which is all defaults of the class: to be raised whenever a property comes, goes or gets another default. Game servers with different
    /// templates of one version don't agree on what a profile is, and the second to open a session is refused (<c>template.mismatch</c>). Not negative; the default
    /// value is 0: the game does not count, and all its servers have to have one template.
    /// </summary>
    public int TemplateVersion { get; set; }
}

/// <summary>Makes a partial class a part of typed profiles: a map in the document, with properties as <see cref="ProfileAttribute"/> has them.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ProfileSectionAttribute : Attribute;

/// <summary>
/// What is set is saved as the difference to what was there, so that additions from several sides all count: <c>Gold += 100</c> and a gift from the
/// back end at the same moment. For <c>long</c>, <c>int</c>, <c>double</c>, and maps of <c>long</c> or <c>double</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AdditiveAttribute : Attribute;

/// <summary>The key of a property in the document; without this its name with a small first letter.</summary>
/// <param name="name">The key, 1 to 128 characters.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PropertyAttribute(string name) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// The value of a property in new profiles, and wherever the document has none; without this 0, false or the empty text, and nothing for a nullable
/// one.
/// </summary>
/// <param name="value">The value, of the property's type.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DefaultAttribute(object value) : Attribute
{
    /// <summary>The value.</summary>
    public object Value { get; } = value;
}
