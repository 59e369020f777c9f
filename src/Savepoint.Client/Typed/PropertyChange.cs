namespace Savepoint.Client;

/// <summary>A change of a property.</summary>
/// <param name="Name">The property's name in C#.</param>
/// <param name="OldValue">What it was; absent if there was none.</param>
/// <param name="NewValue">What it is; absent if it was taken out.</param>
/// <param name="Origin">Whether it was changed here or elsewhere.</param>
public readonly record struct PropertyChange(string Name, Value OldValue, Value NewValue, ChangeOrigin Origin);

/// <summary>A change of a property, typed.</summary>
/// <typeparam name="T">The property's type.</typeparam>
/// <param name="OldValue">What it was.</param>
/// <param name="NewValue">What it is.</param>
/// <param name="Origin">Whether it was changed here or elsewhere.</param>
public readonly record struct PropertyChange<T>(T OldValue, T NewValue, ChangeOrigin Origin);

/// <summary>A change of a list.</summary>
/// <typeparam name="T">The items' type.</typeparam>
/// <param name="Kind">What happened. A list that was replaced as a whole is cleared first, then each item inserted.</param>
/// <param name="Index">Where; 0 for a clear.</param>
/// <param name="OldItem">What was there; the default for an insert or clear.</param>
/// <param name="NewItem">What is there; the default for a remove or clear.</param>
/// <param name="Origin">Whether it was changed here or elsewhere.</param>
public readonly record struct ListChange<T>(ChangeKind Kind, int Index, T? OldItem, T? NewItem, ChangeOrigin Origin);

/// <summary>A change of a map.</summary>
/// <typeparam name="T">The values' type.</typeparam>
/// <param name="Kind">What happened. A map that was replaced as a whole is cleared first, then each key added.</param>
/// <param name="Key">Which key; empty for a clear.</param>
/// <param name="OldValue">What was there; the default for an add or clear.</param>
/// <param name="NewValue">What is there; the default for a remove or clear.</param>
/// <param name="Origin">Whether it was changed here or elsewhere.</param>
public readonly record struct MapChange<T>(ChangeKind Kind, string Key, T? OldValue, T? NewValue, ChangeOrigin Origin);
